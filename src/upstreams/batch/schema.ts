/** `batch` of a route: several requests to the gateway's own routes in one (ROUTES.md §3). */
import * as z from 'zod/mini'
import { described, integer, milliseconds, object } from '../../schema/atoms.ts'

// As many as a page needs; each of them is a request of its own for limits, services and the runtime.
const MOST_REQUESTS = 100

// 32 MiB: an isolate has 128 MiB for all of its requests.
const MOST_BYTES = 33_554_432

export const batchSchema = object({
  maxRequests: described(
    'How many requests a batch may have. 20 unless given.',
    z.optional(integer(1, MOST_REQUESTS)),
  ),
  maxBodyBytes: described(
    'How long the body of a batch may be; 413 beyond. 1 MiB unless given.',
    z.optional(integer(1, MOST_BYTES)),
  ),
  maxAnswerBytes: described(
    'How long the body of one answer may be; a longer one is a problem with 502 in its place. 1 MiB unless given.',
    z.optional(integer(1, MOST_BYTES)),
  ),
  timeoutMs: described(
    'From arrival until all answers are read; those that are not there by then are problems with 504. 30,000 unless given.',
    z.optional(milliseconds),
  ),
})
export type BatchOptions = z.infer<typeof batchSchema>
