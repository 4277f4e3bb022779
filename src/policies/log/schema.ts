/** `log`: which requests write their event. */
import * as z from 'zod/mini'
import { described, milliseconds } from '../../schema/atoms.ts'
import { policySchema } from '../schema.ts'

export const logSchema = policySchema('log', {
  sample: described(
    'The share of requests whose event is written, from 0 to 1. 1 unless given.',
    z.optional(z.number().check(z.minimum(0), z.maximum(1))),
  ),
  always: described(
    'Written whatever `sample` says: `error` (a problem, or a status of 500 and above), `slow` (longer than `slowMs`). Both unless given.',
    z.optional(z.array(z.enum(['error', 'slow']))),
  ),
  slowMs: described(
    'From how many milliseconds on a request is slow. 1000 unless given.',
    z.optional(milliseconds),
  ),
})
export type LogOptions = z.infer<typeof logSchema>
