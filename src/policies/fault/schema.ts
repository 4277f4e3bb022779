/** `fault`: makes requests slow or fail on purpose, until a time that must be said (ROUTES.md §5). */
import * as z from 'zod/mini'
import {
  described,
  headerName,
  integer,
  milliseconds,
  object,
  percent,
} from '../../schema/atoms.ts'
import { isOffCalendar } from '../../schema/calendar.ts'
import { instant } from '../../schema/instant.ts'
import { type Note, needOneOf, type Written, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

function judge(written: Written, note: Note): void {
  needOneOf(written, note, ['delay', 'abort'])
  const { until } = written
  if (!isOffCalendar(until)) return
  note(['until'], `expected an instant that the calendar has, found "${until}"`)
}

export const faultSchema = withRule(
  policySchema('fault', {
    delay: described(
      'Holds a share of the requests back.',
      z.optional(
        object({
          ms: described('For how long.', milliseconds),
          percent: described('The share of the requests.', percent),
        }),
      ),
    ),
    abort: described(
      'Answers a share of the requests with a problem, in the place of the service.',
      z.optional(
        object({
          status: described(
            'The status of the problem. 503 unless given.',
            z.optional(integer(400, 599)),
          ),
          percent: described('The share of the requests.', percent),
        }),
      ),
    ),
    header: described(
      'Only requests that carry this field, whatever its value. All unless given.',
      z.optional(headerName),
    ),
    until: described(
      'When it ends, in UTC: a fault that was forgotten does no harm afterwards.',
      instant,
    ),
  }),
  judge,
)
export type FaultOptions = z.infer<typeof faultSchema>
