/**
 * What was found out about tokens, by the text of the token itself: a hash of it would cost more than all the
 * rest. Each finding belongs to the policy that made it, by all of its options: what one accepts says nothing
 * about another.
 */
import type { Memories, Memory } from '../platform/ports.ts'

/** How many tokens an isolate remembers; the least recently used goes first. */
export const TOKEN_CAPACITY = 5_000
/** Longer tokens are not remembered: with the capacity it bounds the memory. */
export const MAX_TOKEN_LENGTH = 16_384
// Policies that differ and see the same token: more than an operator has.
const MAX_FINDINGS = 16

interface Finding<Value> {
  readonly by: string
  readonly value: Value
  /** Milliseconds since 1970. */
  readonly until: number
}

type Findings<Value> = readonly Finding<Value>[]

/** What the policy `by` found out about this token, or undefined. */
export function recallToken<Value>(
  memories: Memories,
  { name, token, by, now }: TokenKey & { readonly now: number },
): Value | undefined {
  const findings = memoryOf<Value>(memories, name).get(token, now)
  const finding = findings?.find((one) => one.by === by)
  return finding !== undefined && now < finding.until ? finding.value : undefined
}

/** Remembers it until then; a time that is over, or a token that is too long, leaves nothing. */
export function rememberToken<Value>(
  memories: Memories,
  { name, token, by, now }: TokenKey & { readonly now: number },
  { value, until }: { readonly value: Value; readonly until: number },
): void {
  if (until <= now || token.length > MAX_TOKEN_LENGTH) return
  const memory = memoryOf<Value>(memories, name)
  const others = (memory.get(token, now) ?? []).filter((one) => one.by !== by && now < one.until)
  const findings = [{ by, value, until }, ...others].slice(0, MAX_FINDINGS)
  memory.set(token, findings, Math.max(...findings.map((one) => one.until)))
}

/** Forgets what the policy `by` found out. */
export function forgetToken(memories: Memories, { name, token, by }: TokenKey): void {
  const memory = memoryOf(memories, name)
  const findings = memory.get(token, 0)
  if (findings === undefined) return
  const others = findings.filter((one) => one.by !== by)
  if (others.length === 0) memory.delete(token)
  else memory.set(token, others, Math.max(...others.map((one) => one.until)))
}

export interface TokenKey {
  /** Of the memory: `<policy>:<what>`. */
  readonly name: string
  readonly token: string
  /** What tells one policy's findings from another's: its options as text. */
  readonly by: string
}

function memoryOf<Value>(memories: Memories, name: string): Memory<Findings<Value>> {
  return memories.of<Findings<Value>>(name, TOKEN_CAPACITY)
}
