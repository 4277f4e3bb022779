/** What a call of an aggregate came to: the part of the whole answer that is made of it. Plain data. */
import type { Code } from '../../errors/catalogue.ts'
import type { Fields } from '../../http/headers.ts'

/** One request of a call; with `forEach` a call has many. */
export type Single = Answered | Failed | Skipped

export interface Answered {
  readonly kind: 'answered'
  readonly status: number
  /** Lower-case names; Set-Cookie is not among them. */
  readonly headers: Fields
  /** The lines of Set-Cookie. */
  readonly cookies: readonly string[]
  /** The body as JSON as it came, to be put into the answer as it is; null where it is not JSON: then `value` says it. */
  readonly text: string | null
  /** The body as expressions see it; null for none. Parsed on the first look where nothing but the text may be needed. */
  readonly value: unknown
}

export interface Failed {
  readonly kind: 'failed'
  /** Of the service where it answered with 400 or more, else that of the code. */
  readonly status: number
  readonly code: Code
  readonly title: string
  readonly detail?: string
  /** Why, in kebab-case, for the operator's event alone. */
  readonly reason?: string
  /** What the service asks for, as it said it. */
  readonly retryAfter: string | null
  /** What expressions see of the answer; null where nothing answered. */
  readonly headers: Fields | null
  /** What expressions see as the body: the default. */
  readonly value: unknown
  readonly default: unknown
}

/** `when` did not hold: nothing was sent. */
export interface Skipped {
  readonly kind: 'skipped'
  /** The default. */
  readonly value: unknown
}

/** With `forEach` one for each item, in the order of the list. */
export interface PartList {
  readonly kind: 'list'
  readonly parts: readonly Single[]
  /** Why the list ends before its items do: there are more than `maxItems`. Null where each item has its part. */
  readonly cut: Failed | null
}

export type Part = Single | PartList

/** What answers so far look like to templates and expressions: the parts of calls that are over, by name. */
export interface Values {
  /** `{ status, headers, body }` of the call, or a list of these; undefined where it is not over. */
  read(call: string): unknown
  /** The whole input of an expression: `params`, and each call that is over. */
  input(): Record<string, unknown>
}

/** Why a part is not whole: of a list the first of its failures. Null where it is. */
export function failureOf(part: Part): Failed | null {
  if (part.kind !== 'list') return part.kind === 'failed' ? part : null
  for (const single of part.parts) if (single.kind === 'failed') return single
  return part.cut
}
