/** Dates and instants of the document, in UTC: their form is the schema's, that the calendar has them a rule's. */
import * as z from 'zod/mini'
import { text } from './atoms.ts'
import { eitherForm, instantForm } from './calendar.ts'

export const instant = text(
  z.regex(instantForm, { error: 'an instant in UTC as "2026-01-31T08:00:00Z"' }),
)

/** Plain text: in a plan nothing could stand in for a variable that is missing. */
export const dateOrInstant = z.string().check(
  z.regex(eitherForm, {
    error: 'a date as "2026-01-31" or an instant in UTC as "2026-01-31T08:00:00Z"',
  }),
)
