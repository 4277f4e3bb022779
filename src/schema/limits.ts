/** Limits as plans, consumers and the limit policies write them: one spelling for all. */
import * as z from 'zod/mini'
import { described, integer, object, seconds } from './atoms.ts'
import { isOffCalendar } from './calendar.ts'
import { dateOrInstant } from './instant.ts'
import { type Note, type Written, withRule } from './rule.ts'
import { isWrittenObject } from './written.ts'

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

/** Keys of one quota. */
export const quotaShape = {
  limit: described('What may be spent in a period.', tokens),
  per: described(
    'The period: calendar ones are in UTC, weeks begin on Monday; `anchored` ones every `everyDays` from `anchor`.',
    z.enum(['minute', 'hour', 'day', 'week', 'month', 'anchored']),
  ),
  anchor: described('With `anchored`: when a period began, in UTC.', z.optional(dateOrInstant)),
  everyDays: described('With `anchored`: how long a period is.', z.optional(integer(1, 366))),
}

/** `anchor` and `everyDays` make an anchored period, and no other. */
export function quotaRule(written: Written, note: Note): void {
  const { per, anchor } = written
  for (const key of ['anchor', 'everyDays']) {
    const isThere = written[key] !== undefined
    if (per === 'anchored' && !isThere) note([], `expected \`${key}\` with \`per: "anchored"\``)
    if (per !== 'anchored' && isThere) {
      note([key], `expected no \`${key}\` unless \`per\` is "anchored"`)
    }
  }
  if (isOffCalendar(anchor)) {
    note(['anchor'], `expected a date of the calendar, found "${anchor}"`)
  }
}

/** A plan has one quota of a kind of period: of two the smaller would be the only one that counts. */
function periodsOnce(quotas: unknown, note: Note): void {
  if (!Array.isArray(quotas)) return
  const seen = new Map<string, number>()
  for (const [index, quota] of quotas.entries()) {
    if (!isWrittenObject(quota)) continue
    const period = [quota.per, quota.anchor, quota.everyDays].join()
    const first = seen.get(period)
    if (first === undefined) seen.set(period, index)
    else
      note(
        ['quotas', index, 'per'],
        `expected each period once, found that of quotas/${first} again`,
      )
  }
}

/** Adds the rules on the quotas of a plan or a consumer. */
export function withSpendingRule<T extends z.ZodMiniType>(schema: T): T {
  return withRule(schema, ({ quotas }, note) => periodsOnce(quotas, note))
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
    z.optional(z.array(withRule(object(quotaShape), quotaRule)).check(z.minLength(1))),
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
