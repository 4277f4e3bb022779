/** `maxConcurrent` of an upstream (ROUTES.md §4): a number, or an object that also says what a failed store means. */
import * as z from 'zod/mini'
import { described, integer, milliseconds, object } from '../../schema/atoms.ts'

const most = integer(1, 1_000_000) // More could not be told from no limit: each holds a connection open.

export const maxConcurrentSchema = z.union([
  most,
  object({
    limit: described('How many calls may run at the same time, all over the world.', most),
    storeTimeoutMs: described(
      'How long a call waits for a slot to be asked for; then `onStoreFault` decides. 1000 unless given.',
      z.optional(milliseconds),
    ),
    onStoreFault: described(
      'When the slots cannot be asked for: `local` (default) counts in this isolate alone up to a tenth of `limit`, `deny` refuses with 503, `allow` lets pass.',
      z.optional(z.enum(['allow', 'deny', 'local'])),
    ),
  }),
])
export type MaxConcurrentOptions = z.infer<typeof maxConcurrentSchema>
