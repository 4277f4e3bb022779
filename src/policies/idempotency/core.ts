/**
 * Reads keys (draft-ietf-httpapi-idempotency-key-header §2.1), names where they are kept, and decides what the answer
 * of a request means for its key. Pure.
 */
import { sha256Hex } from '../../buckets/sha256.ts'
import { catalogue } from '../../errors/catalogue.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Fields } from '../../http/headers.ts'
import { framingNames } from '../../http/stripped.ts'
import { parseDictionary } from '../../http/structured-fields.ts'
import type { BeginReply, KeyPlace, OnUnknown } from '../../idempotency/messages.ts'
import type { Exchange } from '../../pipeline/exchange.ts'

export const MAX_KEY_LENGTH = 255 // A UUID has 36 characters; keys are hashed, so that this bounds no store.

export type ReadKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid' }

/**
 * The key in a field: a string of structured fields, as the draft has it, or the bare text that most clients send.
 * `"a"` and `a` are the same key.
 */
export function readKey(field: string | undefined): ReadKey {
  if (field === undefined) return { kind: 'absent' }
  const key = field.trimStart().startsWith('"') ? readString(field) : readBare(field.trim())
  if (key === null || key === '' || key.length > MAX_KEY_LENGTH) return { kind: 'invalid' }
  return { kind: 'key', key }
}

/** A string with parameters, which mean nothing here (RFC 9651 §3.3); null where it is more, or none. */
function readString(field: string): string | null {
  const members = parseDictionary(`key=${field.trimStart()}`)
  const member = members?.get('key')
  if (members?.size !== 1 || member?.kind !== 'item') return null
  return member.value.kind === 'string' ? member.value.value : null
}

/** Visible ASCII; a comma would be two fields in one, a quote the rest of a string. */
function readBare(text: string): string | null {
  return /^[!#-+\--~]+$/.test(text) ? text : null
}

/** With its length in front, no two lists of values give the same text. */
function prefixed(...values: readonly string[]): string {
  return values.map((value) => `${value.length}:${value}`).join('')
}

/** Fields in which callers that nobody verified here say who they are. */
const credentialNames = ['authorization', 'proxy-authorization', 'cookie', 'x-api-key'] as const

/** What of a request says whose key it is. */
export type Owner = Pick<Exchange, 'identity' | 'received'> & {
  readonly client: Pick<Exchange['client'], 'address'>
}

/**
 * Where a key is kept. A verified caller has sixteen objects per route; whoever writes what they want shares 256 of
 * them, so that nobody makes objects without end. Names hold hashes only.
 */
export function placeOf(
  key: string,
  owner: Owner,
  { route, salt }: { readonly route: string; readonly salt: string },
): KeyPlace {
  const { identity, received, client } = owner
  if (identity !== null) {
    const caller = sha256Hex(prefixed(salt, route, 'caller', identity.authority, identity.subject))
    const entry = sha256Hex(prefixed(caller, key))
    return { object: `k${caller.slice(0, 32)}/${entry.slice(0, 1)}`, entry }
  }
  const credentials = credentialNames.map((name) => received[name] ?? '')
  const entry = sha256Hex(
    prefixed(salt, route, 'anonymous', client.address ?? '', ...credentials, key),
  )
  const shard = sha256Hex(prefixed(salt, route)).slice(0, 32)
  return { object: `s${shard}/${entry.slice(0, 2)}`, entry }
}

/** The hash of what a request asks for beside its body, as it was received: shaping may add the time or an id. */
export function targetHash({ method, target }: Pick<Exchange, 'method' | 'target'>): string {
  return sha256Hex(prefixed(method, target.host, target.path, target.query))
}

export const keyMissing = refuse('IDEMPOTENCY_KEY_MISSING')
export const keyInvalid = refuse('IDEMPOTENCY_KEY_INVALID')
export const bodyBroken = refuse('BODY_INVALID', {
  detail: 'The body broke off before its end.',
  reason: 'body-broken',
})
export const storeUnavailable = refuse('STORE_UNAVAILABLE', {
  headers: { 'Retry-After': '1' },
  reason: 'store-unavailable',
  unsent: true,
})
const inProgress = refuse('IDEMPOTENCY_IN_PROGRESS', {
  headers: { 'Retry-After': '1' },
  reason: 'in-progress',
})
const keyReused = refuse('IDEMPOTENCY_KEY_REUSED', { reason: 'key-reused' })
const outcomeUnknown = refuse('IDEMPOTENCY_OUTCOME_UNKNOWN', { reason: 'outcome-unknown' })
const keysExceeded = refuse('IDEMPOTENCY_KEYS_EXCEEDED', {
  headers: { 'Retry-After': '1' },
  reason: 'store-overloaded',
})

/** Why a request does not run that has no answer to be given either. */
export function refusalOf(
  reply: Exclude<BeginReply, { readonly kind: 'run' | 'which-body' | 'answered' }>,
): Refusal {
  switch (reply.kind) {
    case 'running':
      return inProgress
    case 'reused':
      return keyReused
    case 'unknown':
      return outcomeUnknown
    case 'full':
      return keysExceeded
    case 'not-kept':
      return refuse('IDEMPOTENCY_ANSWER_NOT_KEPT', {
        members: { answerStatus: reply.status },
        reason: 'answer-not-kept',
      })
  }
}

/**
 * Statuses of a service that end nothing. The first five say that it did nothing, and to try again; after 502 and 504
 * nobody knows what it did.
 */
const undone: ReadonlySet<number> = new Set([408, 421, 425, 429, 503])
const unknown: ReadonlySet<number> = new Set([502, 504])

/** What an answer means for its key. `final`: it is the outcome, success or error, and is given again. */
export type Meaning = 'final' | 'free' | 'unknown'

/** `fallback` is the event's: who answered in the place of the service. */
export function meaningOf(
  answer: { readonly status: number } | Refusal,
  { fallback, onUnknown }: { readonly fallback: string | null; readonly onUnknown: OnUnknown },
): Meaning {
  const doubt = onUnknown === 'keep' ? 'unknown' : 'free'
  if ('kind' in answer) return isUnsent(answer) ? 'free' : doubt
  // A stand-in says nothing of what became of the request.
  if (fallback === 'respond' || fallback === 'stale') return doubt
  if (undone.has(answer.status)) return 'free'
  if (unknown.has(answer.status)) return onUnknown === 'keep' ? 'final' : 'free'
  return 'final'
}

/** Whether a refusal says that nothing reached the service. */
function isUnsent({ unsent, failure, status, code, upstreamStatus }: Refusal): boolean {
  if (unsent === true || failure === 'connect-failure') return true
  if (failure !== undefined || upstreamStatus !== undefined) return false
  // The gateway's own: over a limit, a store that is away, or what the client got wrong.
  const said = status ?? catalogue[code].status
  return said === 503 || said < 500
}

/** The fields of an answer that are given again: not those of one connection, nor those it names (RFC 9110 §7.6.1). */
export function keptFields(
  fields: Iterable<readonly [string, string]>,
): readonly (readonly [string, string])[] {
  const all = [...fields]
  const connection = all.find(([name]) => name === 'connection')?.[1] ?? ''
  const named = new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
  return all.filter(([name]) => !framingNames.has(name) && !named.has(name))
}

/** `kept`: it fits. `stream`: it has no end in sight, or is larger than the bound. `unsized`: nothing tells. */
export function sizeUp(
  headers: Readonly<Pick<Headers, 'get'>>,
  maxBodyBytes: number,
): 'kept' | 'stream' | 'unsized' {
  if (headers.get('content-type')?.toLowerCase().startsWith('text/event-stream')) return 'stream'
  const length = headers.get('content-length')
  if (length === null || !/^\d+$/.test(length)) return 'unsized'
  return Number(length) <= maxBodyBytes ? 'kept' : 'stream'
}

/** Whether the field says that a request body is short enough to be read before it is sent. */
export function isShort(received: Fields, mostBytes: number): boolean {
  const length = received['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) && Number(length) <= mostBytes
}
