/**
 * Parts as JSON text: what services sent goes into the answer as it came, so that no number and no order of keys is
 * another afterwards, and nothing is written that was read a moment before. Pure.
 */
import type { Part, Single } from '../part.ts'
import type { AggregatePlan } from '../plan/plan.ts'
import { type ErrorEntry, errorEntry } from './problem.ts'

/** The body of one request; `fallback` is the call's default as JSON. */
export function bodyText(single: Single, fallback: string): string {
  if (single.kind !== 'answered') return fallback
  return single.text ?? JSON.stringify(single.value) ?? 'null'
}

export function partText(part: Part, fallback: string): string {
  if (part.kind !== 'list') return bodyText(part, fallback)
  let text = '['
  for (const single of part.parts) {
    if (text.length > 1) text += ','
    text += bodyText(single, fallback)
  }
  return `${text}]`
}

/** The defaults of all calls as JSON, in their order: written once per table. */
export function fallbacksOf({ calls }: AggregatePlan): readonly string[] {
  return calls.map(({ spec }) => JSON.stringify(spec.default ?? null))
}

const none: readonly ErrorEntry[] = []

/** An entry for each request that failed, in the order of the table and of the items; `origin` is of the problem pages. */
export function errorsOf(
  { calls }: AggregatePlan,
  parts: readonly Part[],
  origin: string,
): readonly ErrorEntry[] {
  let errors: ErrorEntry[] | null = null
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] as Part
    const { name } = calls[at] as AggregatePlan['calls'][number]
    if (part.kind === 'failed') {
      errors ??= []
      errors.push(errorEntry(name, null, part, origin))
    } else if (part.kind === 'list') {
      for (const [index, single] of part.parts.entries()) {
        if (single.kind !== 'failed') continue
        errors ??= []
        errors.push(errorEntry(name, index, single, origin))
      }
      if (part.cut === null) continue
      errors ??= []
      errors.push(errorEntry(name, null, part.cut, origin))
    }
  }
  return errors ?? none
}
