/**
 * The one form of a path (ROUTES.md §2, RFC 3986 §6.2.2): what is matched is what is sent on. Pure and
 * idempotent. A path that two programs could read differently is refused rather than repaired: malformed
 * percent-encoding, lone surrogates, encoded controls, and dot segments that lead above the root.
 */
import { type Refusal, refuse } from '../errors/refusal.ts'

/** `paths` of a table: what is done with the forms that services read in different ways. */
export interface PathRules {
  readonly emptySegments: 'keep' | 'merge' | 'reject'
  readonly encodedSlash: 'keep' | 'reject'
  readonly semicolon: 'keep' | 'reject'
}

/** Rules under which nothing is merged or refused; the default of `paths`. */
export const keepAll: PathRules = Object.freeze({
  emptySegments: 'keep',
  encodedSlash: 'keep',
  semicolon: 'keep',
})

/** The normalized path, still encoded; `raw` starts with "/" and has no query. */
export function normalizePath(raw: string, rules: PathRules): string | Refusal {
  if (isPlain(raw, rules)) return raw
  const recoded = recode(raw, rules)
  if (typeof recoded !== 'string') return recoded
  const resolved = recoded.includes('/.') ? removeDotSegments(recoded) : recoded
  if (resolved === null) return invalid('The path leads above the root.')
  if (rules.emptySegments === 'keep' || !resolved.includes('//')) return resolved
  if (rules.emptySegments === 'reject') return invalid('The path has an empty segment.')
  // After the dot segments, as a URL parser in front of this gateway would have left it.
  return resolved.replace(/\/{2,}/g, '/')
}

function invalid(detail: string): Refusal {
  return refuse('TARGET_INVALID', { detail })
}

const ODD = 0 // needs a closer look
const PLAIN = 1 // unreserved, sub-delims, ":" and "@" (RFC 3986 §3.3)
const ENCODE = 2 // what a URL parser encodes in a path; done here so that it is done once

const kinds = new Uint8Array(128)
for (let code = 0x21; code < 0x7f; code++) kinds[code] = PLAIN
for (const char of '%/\\;') kinds[char.charCodeAt(0)] = ODD
for (const char of ' "<>^`{}#?') kinds[char.charCodeAt(0)] = ENCODE

const SLASH = 0x2f
const SEMICOLON = 0x3b
const PERCENT = 0x25

/** Whether the path is in its normal form already, found in one scan; false may also mean "not sure". */
function isPlain(path: string, rules: PathRules): boolean {
  const keepsEmpty = rules.emptySegments === 'keep'
  const keepsSemicolon = rules.semicolon === 'keep'
  let afterSlash = false
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code === SLASH) {
      if (afterSlash && !keepsEmpty) return false
      afterSlash = true
    } else {
      // A segment that begins with a dot may be a dot segment.
      if (afterSlash && code === 0x2e) return false
      if (kinds[code] !== PLAIN && !(code === SEMICOLON && keepsSemicolon)) return false
      afterSlash = false
    }
  }
  return true
}

const isUnreserved = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0x5f ||
  code === 0x7e

/** One way to write each character: unreserved ones plain, the others with capital hex digits. */
function recode(raw: string, rules: PathRules): string | Refusal {
  let out = ''
  for (let at = 0; at < raw.length; at++) {
    const code = raw.codePointAt(at) as number
    if (code === PERCENT) {
      const hex = raw.slice(at + 1, at + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return invalid('A percent sign begins no escape.')
      const value = Number.parseInt(hex, 16)
      if (isControl(value)) return invalid('The path has an encoded control character.')
      if (rules.encodedSlash === 'reject' && (value === SLASH || value === 0x5c)) {
        return invalid('The path has an encoded slash or backslash.')
      }
      out += isUnreserved(value) ? String.fromCharCode(value) : `%${hex.toUpperCase()}`
      at += 2
    } else if (code >= 0x80) {
      if (code >= 0xd800 && code <= 0xdfff) return invalid('The path is not valid Unicode.')
      out += encodeURIComponent(String.fromCodePoint(code))
      if (code > 0xffff) at++
    } else if (code === 0x5c) {
      return invalid('The path has a backslash.')
    } else if (isControl(code)) {
      return invalid('The path has a control character.')
    } else if (code === SEMICOLON && rules.semicolon === 'reject') {
      return invalid('The path has a semicolon.')
    } else {
      out += kinds[code] === ENCODE ? percentEncode(code) : String.fromCharCode(code)
    }
  }
  return out
}

function isControl(code: number): boolean {
  return code < 0x20 || code === 0x7f
}

function percentEncode(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`
}

/** Whether a path has "." or ".." as a segment, be it escaped. Two harmless parts that are put together can make one. */
export function hasDotSegment(path: string): boolean {
  return /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)
}

/** RFC 3986 §5.2.4; null where ".." would leave the root. */
function removeDotSegments(path: string): string | null {
  const kept: string[] = []
  const segments = path.split('/')
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index] as string
    const last = index === segments.length - 1
    if (segment === '..') {
      if (kept.length === 0) return null
      kept.pop()
      if (last) kept.push('')
    } else if (segment === '.') {
      if (last) kept.push('')
    } else {
      kept.push(segment)
    }
  }
  return `/${kept.join('/')}`
}
