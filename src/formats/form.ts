/**
 * Pairs of names and values, as forms and queries have them (https://url.spec.whatwg.org/#urlencoded-parsing), and flat
 * objects. A name that is repeated is a list. Names are names: dots and brackets in them mean nothing. Pure.
 */
import { type Decoded, type Encoded, invalid, put } from './format.ts'

/** Far more than a form has; a body of 1 MiB may have half a million. */
const MAX_PAIRS = 10_000

/** The pairs of a body, or of a query without its "?". */
export function readForm(text: string): Decoded {
  const fields: Record<string, unknown> = {}
  let count = 0
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('&', start)
    const pair = text.slice(start, next === -1 ? text.length : next)
    start = next === -1 ? text.length : next + 1
    if (pair === '') continue
    if (++count > MAX_PAIRS) return invalid(`it has more than ${MAX_PAIRS} pairs`)
    const equals = pair.indexOf('=')
    const name = decodePart(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decodePart(pair.slice(equals + 1))
    if (name === null || value === null) return invalid('a "%" begins no byte of UTF-8')
    add(fields, name, value)
  }
  return { kind: 'value', value: fields }
}

function add(fields: Record<string, unknown>, name: string, value: string): void {
  const there = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (there === undefined) put(fields, name, value)
  else if (Array.isArray(there)) there.push(value)
  else put(fields, name, [there, value])
}

function decodePart(text: string): string | null {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return null
  }
}

/** Lists repeat their name, null is an empty value, undefined is left out; what is nested deeper is JSON text. */
export function writeForm(value: unknown): Encoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('pairs are written from an object')
  }
  const pairs: string[] = []
  for (const [name, field] of Object.entries(value)) {
    for (const member of Array.isArray(field) ? (field as readonly unknown[]) : [field]) {
      if (member === undefined) continue
      const text = textOf(member)
      if (text === null || !name.isWellFormed()) return invalid('a value or name is no text')
      pairs.push(`${encodePart(name)}=${encodePart(text)}`)
    }
  }
  return { kind: 'bytes', bytes: pairs.join('&') }
}

function textOf(value: unknown): string | null {
  if (value === null) return ''
  if (typeof value === 'string') return value.isWellFormed() ? value : null
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return null
  }
}

/** The bytes that a form leaves as they are (https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set). */
function encodePart(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
