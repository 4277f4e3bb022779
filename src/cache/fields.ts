/** Reads the fields of a stored answer: name and value in order, a name may stand several times. */
import type { AnswerHead } from './answer.ts'

export type FieldList = AnswerHead['fields']

/** The lines of a field joined by commas (RFC 9110 §5.3), or null. */
export function joined(fields: FieldList, name: string): string | null {
  let found: string | null = null
  for (const [field, value] of fields) {
    if (field === name) found = found === null ? value : `${found}, ${value}`
  }
  return found
}

/** The same as a function of the name. */
export function readerOf(fields: FieldList): (name: string) => string | null {
  return (name) => joined(fields, name)
}
