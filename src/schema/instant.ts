/** Dates and instants of the document, in UTC: their form is the schema's, that the calendar has them a rule's. */
import * as z from 'zod/mini'
import { text } from './atoms.ts'

const dateForm = /^\d{4}-\d{2}-\d{2}$/
const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z$/
const eitherForm = new RegExp(`${dateForm.source}|${instantForm.source}`)

export const instant = text(
  z.regex(instantForm, { error: 'an instant in UTC as "2026-01-31T08:00:00Z"' }),
)

/** Plain text: in a plan nothing could stand in for a variable that is missing. */
export const dateOrInstant = z.string().check(
  z.regex(eitherForm, {
    error: 'a date as "2026-01-31" or an instant in UTC as "2026-01-31T08:00:00Z"',
  }),
)

/** Whether a value has the form of one and no calendar has it: `Date` takes the 30th of February for a day in March. */
export function isOffCalendar(value: unknown): value is string {
  if (typeof value !== 'string' || !eitherForm.test(value)) return false
  const read = Date.parse(value)
  return Number.isNaN(read) || !new Date(read).toISOString().startsWith(value.slice(0, 16))
}
