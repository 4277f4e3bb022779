/** `concurrency`: how many requests of a key may run at the same time. */
import * as z from 'zod/mini'
import { described, integer } from '../../schema/atoms.ts'
import { limitShape } from '../limit-schema.ts'
import { latePolicySchema } from '../schema.ts'

export const concurrencySchema = latePolicySchema('concurrency', {
  limit: described(
    'How many requests of a key may run at the same time, all over the world.',
    integer(1, 1_000_000), // More could not be told from no limit: each holds a connection open.
  ),
  ...limitShape,
  onStoreFault: described(
    'When the slots cannot be asked for: `local` (default) counts in this isolate alone up to a tenth of `limit`, `deny` refuses with 503, `allow` lets pass.',
    z.optional(z.enum(['allow', 'deny', 'local'])),
  ),
})
export type ConcurrencyOptions = z.infer<typeof concurrencySchema>
