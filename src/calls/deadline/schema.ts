/** `deadline` of the table: the field in which clients say how long they wait. */
import * as z from 'zod/mini'
import { described, headerName, milliseconds, object } from '../../schema/atoms.ts'

export const DEFAULT_DEADLINE_HEADER = 'Request-Timeout-Ms'

export const deadlineSchema = object({
  header: described(
    'The field in which a client says how many milliseconds it waits, and in which a service is told how many are left. `Request-Timeout-Ms` unless given.',
    z.optional(headerName),
  ),
  maxMs: described('The longest time that a client may ask for.', z.optional(milliseconds)),
})
export type DeadlineOptions = z.infer<typeof deadlineSchema>
