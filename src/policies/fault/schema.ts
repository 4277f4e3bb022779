/** `fault`: makes requests slow or fail on purpose, until a time that must be said (ROUTES.md §5). */
import * as z from 'zod/mini'
import { described, headerName, integer, milliseconds, object } from '../../schema/atoms.ts'
import { type Note, needOneOf, type Written, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

const percent = z
  .number({ error: 'a number from 0 to 100' })
  .check(
    z.minimum(0, { error: 'a number from 0 to 100' }),
    z.maximum(100, { error: 'a number from 0 to 100' }),
  )

const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z$/
const instant = z
  .string()
  .check(z.regex(instantForm, { error: 'an instant in UTC as "2026-01-31T08:00:00Z"' }))

function judge(written: Written, note: Note): void {
  needOneOf(written, note, ['delay', 'abort'])
  const { until } = written
  if (typeof until !== 'string' || !instantForm.test(until) || isOnCalendar(until)) return
  note(['until'], `expected an instant that the calendar has, found "${until}"`)
}

/** `Date` takes the 30th of February for the 2nd of March, and leap seconds not at all. */
function isOnCalendar(text: string): boolean {
  const read = Date.parse(text)
  return !Number.isNaN(read) && new Date(read).toISOString().startsWith(text.slice(0, 16))
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
