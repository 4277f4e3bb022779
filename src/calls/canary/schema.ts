/** `split` of a route: who is sent to which upstream of its weighted list, and when a new one is left again. */
import * as z from 'zod/mini'
import { described, headerName, integer, map, name, object, percent } from '../../schema/atoms.ts'
import { isOffCalendar } from '../../schema/calendar.ts'
import { instant } from '../../schema/instant.ts'
import { type Note, needOneOf, type Written, withRule } from '../../schema/rule.ts'
import { isWrittenObject } from '../../schema/written.ts'
import { hashKey } from '../balance/key-schema.ts'

const marginError = 'a number from 0 to 10000'
const margin = z
  .number({ error: marginError })
  .check(z.minimum(0, { error: marginError }), z.maximum(10_000, { error: marginError }))

const rampSchema = object({
  from: described(
    'Its share in percent until the first step is over. 0 unless given.',
    z.optional(percent),
  ),
  to: described(
    'Its share in percent at the end, and from then on. 100 unless given.',
    z.optional(percent),
  ),
  steps: described(
    'In how many steps, evenly spread over the time. 10 unless given.',
    z.optional(integer(1, 10_000)),
  ),
  overSeconds: described('How long it takes.', integer(1, 31_536_000)),
  startAt: described('When it begins, in UTC.', instant),
})

const rollbackSchema = withRule(
  object({
    errorPercent: described(
      'How many percent points more of its requests may fail than of the others.',
      z.optional(margin),
    ),
    latencyPercent: described(
      'How much longer its answers may take than those of the others, in percent of theirs.',
      z.optional(margin),
    ),
    minimumRequests: described(
      'Nothing is judged before each side had so many requests in the window. 100 unless given.',
      z.optional(integer(1, 1_000_000)),
    ),
    windowSeconds: described(
      'How far back is looked. 300 unless given.',
      z.optional(integer(10, 86_400)),
    ),
  }),
  (written, note) => needOneOf(written, note, ['errorPercent', 'latencyPercent']),
)

export const splitSchema = withRule(
  object({
    sticky: described(
      'The same caller always gets the same upstream. By chance for each request, unless given.',
      z.optional(
        object({
          hash: described(
            'Names of the vocabulary or templates; together one key.',
            z.array(hashKey).check(z.minLength(1), z.maxLength(10)),
          ),
        }),
      ),
    ),
    header: described(
      'Requests with one of these values in a header field go where it says, whatever the weights.',
      z.optional(
        object({
          name: described('The name of the field.', headerName),
          values: described('Values, and the upstreams of the list that they name.', map(name)),
        }),
      ),
    ),
    new: described(
      'Which upstream of the list is the new one: that of `ramp` and `rollback`.',
      z.optional(name),
    ),
    ramp: described(
      'The share of the new one grows with time, in the place of its weight.',
      z.optional(rampSchema),
    ),
    rollback: described(
      'The new one gets nothing any more once it is worse than the others by a margin, until an operator resets it.',
      z.optional(rollbackSchema),
    ),
  }),
  judge,
)
export type SplitOptions = z.infer<typeof splitSchema>

function judge(written: Written, note: Note): void {
  needOneOf(written, note, ['sticky', 'header', 'ramp', 'rollback'])
  const { ramp, rollback } = written
  if (written.new === undefined) {
    if (ramp !== undefined) note(['ramp'], 'found "ramp" without "new", expected both')
    if (rollback !== undefined) note(['rollback'], 'found "rollback" without "new", expected both')
  } else if (ramp === undefined && rollback === undefined) {
    note(['new'], 'found "new" without "ramp" and "rollback", expected one of them')
  }
  if (!isWrittenObject(ramp)) return
  const { startAt } = ramp
  if (!isOffCalendar(startAt)) return
  note(['ramp', 'startAt'], `expected an instant that the calendar has, found "${startAt}"`)
}
