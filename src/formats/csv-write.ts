/** Rows as CSV (RFC 4180): a list of objects, a line each. Nested values are JSON text, null is an empty cell. Pure. */
import { type Encoded, invalid } from './format.ts'
import { isObject, type JsonObject as Row } from './json-object.ts'
import type { CsvOptions } from './schema.ts'
import { splitPath } from './xml/options.ts'

/** Columns that are found by looking; a table that says its own may have as many as it likes. */
const MAX_COLUMNS = 1_000

export function writeCsv(value: unknown, options: CsvOptions | undefined): Encoded {
  const rows = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  if (!areRows(rows)) return invalid('rows of CSV are written from a list of objects')
  const columns = options?.columns ?? namesIn(rows)
  if (columns === null) return invalid(`the rows have more than ${MAX_COLUMNS} keys`)
  const paths = options?.columns?.map(splitPath) ?? columns.map((name) => [name])
  const line = bindLine(options)
  let text = ((options?.header ?? true) && columns.length > 0 && line(columns)) || ''
  for (const row of rows) {
    const written = line(paths.map((path) => valueAt(row, path)))
    if (written === null) return invalid('a cell holds what is none of JSON')
    text += written
  }
  return { kind: 'bytes', bytes: text }
}

function areRows(values: readonly unknown[]): values is readonly Row[] {
  // No `every`, which passes over holes.
  for (const value of values) if (!isObject(value)) return false
  return true
}

function namesIn(rows: readonly Row[]): string[] | null {
  const names = new Set<string>()
  for (const row of rows) {
    for (const name of Object.keys(row)) names.add(name)
    if (names.size > MAX_COLUMNS) return null
  }
  return [...names]
}

function valueAt(row: Row, path: readonly string[]): unknown {
  let value: unknown = row
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Row)[name]
  }
  return value
}

/** Makes a line of cells: quotes where the cell has the delimiter, a quote or an end of line (RFC 4180 §2). */
function bindLine(options: CsvOptions | undefined): (cells: readonly unknown[]) => string | null {
  const delimiter = options?.delimiter ?? ','
  const guards = options?.escapeFormulas ?? true
  const cellOf = (cell: unknown) => {
    const text = guards && typeof cell === 'string' ? guard(cell) : textOf(cell)
    if (text === null) return null
    // Blanks at an end are quoted too: readers differ on whether those count.
    const needsQuotes = text.includes(delimiter) || /["\r\n]|^[ \t]|[ \t]$/.test(text)
    return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text
  }
  return (cells) => {
    const written = cells.map(cellOf)
    if (written.includes(null)) return null
    const text = written.join(delimiter)
    // A line with nothing in it would be no line at all to most readers.
    return text === '' ? '""\r\n' : `${text}\r\n`
  }
}

/** Null for a cycle, a bigint, or more levels than the stack has. */
function textOf(cell: unknown): string | null {
  if (typeof cell === 'string') return cell
  if (cell === null || cell === undefined) return ''
  try {
    return JSON.stringify(cell) ?? ''
  } catch {
    return null
  }
}

/** Signs with which spreadsheets begin a formula; a blank or an end of line in front does not stop them all. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/
const plainNumber = /^[+-]?[0-9]+(?:\.[0-9]+)?$/

/** https://owasp.org/www-community/attacks/CSV_Injection; a number with a sign is none. */
function guard(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text
}
