/** The condition of a change (RFC 9110 §13.1.1). */
import type { IfMatch } from '../platform/ports.ts'

/** Tags without quotes are taken too: people type them. A weak tag matches nothing, as the clause says. */
export function parseIfMatch(field: string | undefined): IfMatch {
  if (field === undefined) return null
  if (field.trim() === '*') return '*'
  return field
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '' && !tag.startsWith('W/'))
    .map((tag) => tag.match(/^"([^"]*)"$/)?.[1] ?? tag)
}
