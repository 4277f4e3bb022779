/**
 * Reads the part of TOML that wrangler.toml is written in: tables, arrays of tables, strings, numbers,
 * booleans and arrays of these. Anything else is an error with its line, never a guess.
 */

export type TomlValue = string | number | boolean | readonly TomlValue[]
export interface TomlTable {
  [key: string]: TomlValue | TomlTable | TomlTable[]
}

/** The document as nested tables. */
export function parseToml(text: string): TomlTable {
  const root: TomlTable = {}
  let current = root
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index++) {
    const line = withoutComment(lines[index]!)
    if (line === '') continue
    const fail = () => new Error(`wrangler.toml:${index + 1}: cannot read "${line}"`)
    const header = /^(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?$/.exec(line)
    if (header) {
      current = openTable(root, header[2]!.split('.'), header[1] === '[[')
      continue
    }
    const pair = /^([A-Za-z0-9_-]+)\s*=\s*(.+)$/.exec(line)
    if (!pair) throw fail()
    let source = pair[2]!
    // An array may go over several lines: until its bracket closes.
    while (source.startsWith('[') && !source.endsWith(']') && index + 1 < lines.length) {
      source += ` ${withoutComment(lines[++index]!)}`
    }
    const value = parseValue(source.trim())
    if (value === undefined) throw fail()
    current[pair[1]!] = value
  }
  return root
}

function openTable(root: TomlTable, path: readonly string[], repeated: boolean): TomlTable {
  let table = root
  for (const [depth, name] of path.entries()) {
    const last = depth === path.length - 1
    const existing = table[name]
    if (last && repeated) {
      const list = (Array.isArray(existing) ? existing : []) as TomlTable[]
      table[name] = list
      const item: TomlTable = {}
      list.push(item)
      return item
    }
    const within = Array.isArray(existing) ? (existing.at(-1) as TomlTable) : existing
    const next = (within ?? {}) as TomlTable
    if (existing === undefined) table[name] = next
    table = next
  }
  return table
}

function parseValue(source: string): TomlValue | undefined {
  if (source === 'true') return true
  if (source === 'false') return false
  if (/^[+-]?[0-9_]+(\.[0-9]+)?$/.test(source)) return Number(source.replaceAll('_', ''))
  if (/^'[^']*'$/.test(source)) return source.slice(1, -1)
  // The escapes of a basic string are those of JSON but for \U, which nothing here needs.
  if (/^"(?:[^"\\]|\\.)*"$/.test(source)) return JSON.parse(source) as string
  if (!source.startsWith('[') || !source.endsWith(']')) return undefined
  const items = source.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^,\s]+/g) ?? []
  const values = items.map((item) => parseValue(item))
  return values.every((value) => value !== undefined) ? values : undefined
}

/** A `#` inside quotes begins no comment. */
function withoutComment(line: string): string {
  return (/^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^#"'])*/.exec(line)?.[0] ?? '').trim()
}
