/** `ejection`: leaves targets alone that fail real calls (ROUTES.md §4; Envoy's outlier detection). */
import * as z from 'zod/mini'
import { described, integer, object, seconds } from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'

export const ejectionSchema = withRule(
  object({
    consecutiveFailures: described(
      'Failures in a row, seen by one isolate or by all together. 5 unless given; 0 does not count them.',
      z.optional(integer(0, 1_000)),
    ),
    baseSeconds: described(
      'How long the first ejection lasts; each further one lasts this much longer. 30 unless given.',
      z.optional(seconds),
    ),
    maxSeconds: described(
      'The longest ejection. 300 unless given, or `baseSeconds` where that is more.',
      z.optional(seconds),
    ),
    maxPercent: described(
      'The most targets that may be ejected at a time, rounded down. 50 unless given.',
      z.optional(integer(0, 100)),
    ),
    failurePercent: described(
      'Ejects a target of which this share of calls fails within 10 seconds.',
      z.optional(integer(1, 100)),
    ),
    successRateStdev: described(
      'Ejects a target whose share of successes lies this many standard deviations below the mean of all.',
      z.optional(z.number().check(z.minimum(0.1), z.maximum(10))),
    ),
    minimumRequests: described(
      'With fewer calls within 10 seconds the two shares say nothing of a target. 50 unless given.',
      z.optional(integer(1, 1_000_000)),
    ),
  }),
  needOrder,
)
export type EjectionOptions = z.infer<typeof ejectionSchema>

function needOrder(written: Written, note: Note): void {
  const { baseSeconds, maxSeconds } = written
  if (typeof baseSeconds !== 'number' || typeof maxSeconds !== 'number') return
  if (maxSeconds >= baseSeconds) return
  note(
    ['maxSeconds'],
    `found ${maxSeconds} and "baseSeconds" ${baseSeconds}, expected the longest ejection to be no shorter than the first`,
  )
}
