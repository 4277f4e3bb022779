/** Reads classes `[…]` and escapes `\…` of a regular expression with flag `u` into sets of code points. */
import { type CharSet, charSet, complement, digits, spaces, wordCharacters } from './char-set.ts'
import type { Cursor } from './parse.ts'

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }

/** Reads an escape; the cursor stands on its backslash. */
export function readEscape(cursor: Cursor): CharSet {
  const from = cursor.at
  const char = cursor.source[from + 1] as string
  cursor.at += 2
  switch (char) {
    case 'd':
      return digits
    case 'D':
      return complement(digits)
    case 'w':
      return wordCharacters
    case 'W':
      return complement(wordCharacters)
    case 's':
      return spaces
    case 'S':
      return complement(spaces)
    case 'p':
    case 'P':
      cursor.at = cursor.source.indexOf('}', from) + 1
      return measured(cursor.source.slice(from, cursor.at))
    default: {
      cursor.at = from
      const code = readEscapedCode(cursor)
      return [[code, code]]
    }
  }
}

/** The one code point that an escape stands for. */
function readEscapedCode(cursor: Cursor): number {
  const rest = cursor.source.slice(cursor.at + 1)
  const take = (length: number, code: number) => {
    cursor.at += 1 + length
    return code
  }
  const pair = /^u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(rest)
  if (pair !== null) {
    const [high, low] = [
      Number.parseInt(pair[1] as string, 16),
      Number.parseInt(pair[2] as string, 16),
    ]
    return take(pair[0].length, (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000)
  }
  const hex = /^(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(rest)
  if (hex !== null) {
    return take(hex[0].length, Number.parseInt((hex[1] ?? hex[2] ?? hex[3]) as string, 16))
  }
  if (/^c[A-Za-z]/.test(rest)) return take(2, rest.charCodeAt(1) % 32)
  const control = controls[rest[0] as string]
  if (control !== undefined) return take(1, control)
  const code = rest.codePointAt(0) as number
  return take(code > 0xffff ? 2 : 1, code)
}

/** Reads a class; the cursor stands on its opening bracket. */
export function readClass(cursor: Cursor): CharSet {
  const from = cursor.at
  cursor.at++
  const negated = cursor.source[cursor.at] === '^'
  if (negated) cursor.at++
  const ranges: (readonly [number, number])[] = []
  let hasProperty = false
  while (cursor.source[cursor.at] !== ']') {
    hasProperty ||= /^\\[pP]/.test(cursor.source.slice(cursor.at, cursor.at + 2))
    const first = readMember(cursor)
    const dash = cursor.source[cursor.at] === '-' && cursor.source[cursor.at + 1] !== ']'
    if (!dash) {
      ranges.push(...first)
      continue
    }
    cursor.at++
    const last = readMember(cursor)
    ranges.push([first[0]?.[0] as number, last[0]?.[1] as number])
  }
  cursor.at++
  if (hasProperty) return measured(cursor.source.slice(from, cursor.at))
  const set = charSet(ranges)
  return negated ? complement(set) : set
}

function readMember(cursor: Cursor): CharSet {
  if (cursor.source.startsWith('\\b', cursor.at)) {
    cursor.at += 2
    return [[8, 8]]
  }
  if (cursor.source[cursor.at] === '\\') return readEscape(cursor)
  const code = cursor.source.codePointAt(cursor.at) as number
  cursor.at += code > 0xffff ? 2 : 1
  return [[code, code]]
}

/**
 * A set with a Unicode property: exact in ASCII, where the engine is asked, and everything beyond. Too large
 * is safe, since the check refuses what overlaps.
 */
function measured(source: string): CharSet {
  const regex = new RegExp(`^${source}$`, 'u')
  const ascii = Array.from({ length: 128 }, (_, code) => code)
    .filter((code) => regex.test(String.fromCharCode(code)))
    .map((code): [number, number] => [code, code])
  return charSet([...ascii, [0x80, 0x10ffff]])
}
