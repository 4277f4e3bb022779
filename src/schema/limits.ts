/** Limits as plans, consumers and the limit policies write them: one spelling for all. */
import * as z from 'zod/mini'
import { described, integer, object, seconds } from './atoms.ts'

/** Tokens: LEASES.md §2 keeps a bucket within integers that a double holds exactly. */
const tokens = integer(1, 1_000_000_000)

/** Keys of one rate. */
export const rateShape = {
  limit: described('What may be spent in a window, on the average.', tokens),
  windowSeconds: described('The length of the window.', seconds),
  burst: described(
    'What may be spent at once: the size of the bucket. `limit` unless given; 1 spaces requests evenly.',
    z.optional(tokens),
  ),
}

const timestamp = z.string().check(
  z.regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z)?$/, {
    error: 'a date as "2026-01-31" or an instant in UTC as "2026-01-31T08:00:00Z"',
  }),
)

/** Keys of one quota. */
export const quotaShape = {
  limit: described('What may be spent in a period.', tokens),
  per: described(
    'The period: calendar ones are in UTC, weeks begin on Monday; `anchored` ones every `everyDays` from `anchor`.',
    z.enum(['minute', 'hour', 'day', 'week', 'month', 'anchored']),
  ),
  anchor: described('With `anchored`: when a period began, in UTC.', z.optional(timestamp)),
  everyDays: described('With `anchored`: how long a period is.', z.optional(integer(1, 366))),
}

const list = 'Each holds; a request needs room in all of them.'

/** What a plan or a consumer may spend. */
export const spendingShape = {
  limits: described(
    `Rates, for \`rate-limit\` with \`plan: true\`. ${list}`,
    z.optional(z.array(object(rateShape)).check(z.minLength(1))),
  ),
  quotas: described(
    `Quotas, for \`quota\` with \`plan: true\`. ${list}`,
    z.optional(z.array(object(quotaShape)).check(z.minLength(1))),
  ),
}

export type RateSpec = {
  readonly limit: number
  readonly windowSeconds: number
  readonly burst?: number | undefined
}
export type QuotaSpec = {
  readonly limit: number
  readonly per: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'anchored'
  readonly anchor?: string | undefined
  readonly everyDays?: number | undefined
}

/** How important a request is when not all can be served (ROUTES.md §3): the lowest is shed first. */
export const prioritySchema = z.enum(['critical', 'normal', 'sheddable'])
export type Priority = z.infer<typeof prioritySchema>

/** What a plan, or a consumer of its own, may spend. */
export interface Spending {
  readonly limits?: readonly RateSpec[] | undefined
  readonly quotas?: readonly QuotaSpec[] | undefined
}

export interface Plan extends Spending {
  readonly priority?: Priority | undefined
}
