/** Dates and instants as text, in UTC: their form, and whether the calendar has them. */

const dateForm = /^\d{4}-\d{2}-\d{2}$/
export const instantForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z$/
export const eitherForm = new RegExp(`${dateForm.source}|${instantForm.source}`)

/** Whether a value has the form of one and no calendar has it: `Date` takes the 30th of February for a day in March. */
export function isOffCalendar(value: unknown): value is string {
  if (typeof value !== 'string' || !eitherForm.test(value)) return false
  const read = Date.parse(value)
  return Number.isNaN(read) || !new Date(read).toISOString().startsWith(value.slice(0, 16))
}
