/** `hedge` of an upstream (ROUTES.md §4). */
import * as z from 'zod/mini'
import { described, integer, milliseconds, object } from '../../schema/atoms.ts'

export const hedgeSchema = object({
  afterMs: described(
    'A call without an answer after so long is sent once more, to another target where there is one.',
    milliseconds,
  ),
  max: described(
    'How many calls are sent beside the first, each `afterMs` later. 1 unless given.',
    z.optional(integer(1, 5)),
  ),
})
export type HedgeOptions = z.infer<typeof hedgeSchema>
