/**
 * Members of JSON text as text: what a service sent goes out as it came, so that no number and no order of names is
 * another afterwards. The text was parsed before, so it is JSON; only its signs are looked at. Pure.
 */

/** Where a value stands in a text. */
export interface Slice {
  readonly start: number
  readonly end: number
}

/** The value of a member of the object that begins at `start`; the last of its name, as JSON.parse has it. */
export function memberAt(json: string, start: number, name: string): Slice | null {
  let found: Slice | null = null
  // Bounded by the text: each turn passes over a member.
  let at = skipBlanks(json, start + 1)
  while (json[at] === '"') {
    const nameEnd = endOfString(json, at)
    const written = json.slice(at + 1, nameEnd - 1)
    const value = skipBlanks(json, skipBlanks(json, nameEnd) + 1)
    const end = endOfValue(json, value)
    if (isNamed(written, name)) found = { start: value, end }
    at = skipBlanks(json, end)
    if (json[at] === ',') at = skipBlanks(json, at + 1)
  }
  return found
}

function isNamed(written: string, name: string): boolean {
  if (!written.includes('\\')) return written === name
  return JSON.parse(`"${written}"`) === name
}

function skipBlanks(json: string, start: number): number {
  let at = start
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1
  return at
}

/** Behind the closing quote of the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfValue(json: string, start: number): number {
  const first = json[start]
  if (first === '"') return endOfString(json, start)
  let at = start
  if (first !== '{' && first !== '[') {
    while (at < json.length && !/[\s,\]}]/.test(json[at] as string)) at += 1
    return at
  }
  let depth = 0
  do {
    const sign = json[at]
    if (sign === '"') {
      at = endOfString(json, at)
      continue
    }
    if (sign === '{' || sign === '[') depth += 1
    else if (sign === '}' || sign === ']') depth -= 1
    at += 1
  } while (depth > 0 && at < json.length)
  return at
}
