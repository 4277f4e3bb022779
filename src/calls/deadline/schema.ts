/** `deadline` of the table: the field in which clients say how long they wait. */
import * as z from 'zod/mini'
import { framingNames, isStrippedInbound } from '../../http/stripped.ts'
import { described, headerName, milliseconds, object } from '../../schema/atoms.ts'

/** The gateway writes it on each call: not one that frames the message or that it has its own use for. */
const deadlineField = headerName.check(
  z.refine((name) => typeof name !== 'string' || isFree(name.toLowerCase()), {
    error: 'expected a field that neither frames a message nor belongs to the gateway',
  }) as z.core.$ZodCheck<string>,
)

function isFree(name: string): boolean {
  return !framingNames.has(name) && !isStrippedInbound(name)
}

export const deadlineSchema = object({
  header: described(
    'The field in which a client says how many milliseconds it waits, and in which a service is told how many are left. `Request-Timeout-Ms` unless given.',
    z.optional(deadlineField),
  ),
  maxMs: described('The longest time that a client may ask for.', z.optional(milliseconds)),
})
export type DeadlineOptions = z.infer<typeof deadlineSchema>
