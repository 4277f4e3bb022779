/** `adaptive` of a rate limit: less is let through while an upstream is slow or fails. */
import * as z from 'zod/mini'
import { described, integer, name, object } from '../../schema/atoms.ts'

const toleranceError = 'a number from 1.1 to 100'
const tolerance = z
  .number({ error: toleranceError })
  // Below a tenth more than the best each breath of wind would count.
  .check(z.minimum(1.1, { error: toleranceError }), z.maximum(100, { error: toleranceError }))

export const adaptiveSchema = object({
  upstream: described('The upstream whose latency and failures count.', name),
  minPercent: described(
    'So much of what comes is let through at the least. 20 unless given.',
    z.optional(integer(1, 100)),
  ),
  latencyTolerance: described(
    'How many times its best latency the upstream may take before less is let through. 2 unless given.',
    z.optional(tolerance),
  ),
  errorPercent: described(
    'How many of its calls may fail before less is let through. 5 unless given; 100 looks at latency alone.',
    z.optional(integer(0, 100)),
  ),
})
export type AdaptiveSpec = z.infer<typeof adaptiveSchema>
