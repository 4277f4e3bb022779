/** CSV (RFC 4180) as a list of objects, keyed by the first line or by the columns of the options. Pure. */
import { type Decoded, type Invalid, invalid, put } from './format.ts'
import type { CsvOptions } from './schema.ts'

/** Columns of a line; rows are bounded by the body. */
const MAX_COLUMNS = 1_000

/** Every cell is text. With `header: false` and no `columns`, rows are lists. */
export function readCsv(text: string, options: CsvOptions | undefined): Decoded {
  const parsed = rowsOf(text, options?.delimiter ?? ',')
  if (parsed.kind === 'invalid') return parsed
  const { rows } = parsed
  const first = (options?.header ?? true) ? rows.shift() : undefined
  const names = options?.header === false ? options.columns : first
  if (names === undefined) return { kind: 'value', value: rows }
  if (new Set(names).size < names.length) return invalid('two columns have one name')
  const value: Record<string, unknown>[] = []
  for (const row of rows) {
    if (row.length > names.length) return invalid('a line has more cells than there are columns')
    const fields: Record<string, unknown> = {}
    for (const [index, cell] of row.entries()) put(fields, names[index] ?? '', cell)
    value.push(fields)
  }
  return { kind: 'value', value }
}

type Rows = { readonly kind: 'rows'; readonly rows: string[][] } | Invalid

const QUOTED = /"((?:[^"]|"")*)"/y
const END = /\r\n|\n|\r|$/y

function rowsOf(text: string, delimiter: string): Rows {
  // Without quotes, up to whatever ends a cell.
  const bare = delimiter === '\t' ? /[^"\t\r\n]*/y : new RegExp(`[^"\\${delimiter}\\r\\n]*`, 'y')
  const rows: string[][] = []
  let at = 0
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at
    const found = expression.exec(text)
    if (found !== null) at = expression.lastIndex
    return found
  }
  while (at < text.length) {
    const row: string[] = []
    do {
      const isQuoted = text[at] === '"'
      const found = take(isQuoted ? QUOTED : bare)
      if (found === null) return invalid('a quote has no end')
      row.push(isQuoted ? (found[1] ?? '').replaceAll('""', '"') : found[0])
      if (row.length > MAX_COLUMNS) return invalid(`a line has more than ${MAX_COLUMNS} cells`)
    } while (text[at] === delimiter && ++at > 0)
    if (take(END) === null) return invalid('a cell has a quote out of place')
    rows.push(row)
  }
  return { kind: 'rows', rows }
}
