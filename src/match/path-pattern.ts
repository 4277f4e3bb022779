/**
 * What a `path` of a match means (ROUTES.md §2): literal segments, `:param`, and a last `*` or `*rest`.
 * Literals are brought to the form in which request paths are compared.
 */
import { hasDotSegment, keepAll, normalizePath } from './normalize.ts'

export type PathSegment =
  /** `spellings` has two entries where the segment begins with an escaped ":" or "*". */
  | { readonly kind: 'literal'; readonly spellings: readonly string[] }
  | { readonly kind: 'param'; readonly name: string }

export interface PathPattern {
  readonly kind: 'path'
  readonly segments: readonly PathSegment[]
  /** Null for an exact path; else what follows by whole segments, under a name or not. */
  readonly rest: { readonly name: string | null } | null
}

export interface InvalidPath {
  readonly kind: 'invalid'
  /** What was expected instead. */
  readonly expected: string
}

const paramName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Reads a path as written in the table. */
export function parsePath(text: string): PathPattern | InvalidPath {
  if (!text.startsWith('/')) return invalid('a path that starts with "/"')
  if (/[?#]/.test(text))
    return invalid('a path without "?" and "#"; conditions on the query go into `query`')
  if (hasDotSegment(text)) {
    return invalid(
      'a path without "." and ".." segments: they are removed from requests before matching',
    )
  }
  const segments: PathSegment[] = []
  const names = new Set<string>()
  const parts = text.slice(1).split('/')
  let rest: PathPattern['rest'] = null
  for (const [index, part] of parts.entries()) {
    const sign = part[0]
    if (sign !== ':' && sign !== '*') {
      const literal = parseLiteral(part)
      if (literal === null) {
        return invalid('a path without backslashes, control characters and broken percent-encoding')
      }
      segments.push(literal)
      continue
    }
    const name = part.slice(1)
    if (sign === '*' && index !== parts.length - 1) {
      return invalid('"*" only as the last segment (a literal "*" at a segment\'s start is %2A)')
    }
    if (!(sign === '*' && name === '') && !paramName.test(name)) return invalid(expectedName(sign))
    if (names.has(name)) return invalid(`each parameter once, and "${name}" stands twice`)
    if (name !== '') names.add(name)
    if (sign === ':') segments.push({ kind: 'param', name })
    else rest = { name: name === '' ? null : name }
  }
  return { kind: 'path', segments, rest }
}

function invalid(expected: string): InvalidPath {
  return { kind: 'invalid', expected }
}

function expectedName(sign: ':' | '*'): string {
  const escaped = sign === ':' ? '%3A' : '%2A'
  return `a name of letters, digits and "_" that is the whole segment after "${sign}" (a literal "${sign}" at a segment's start is ${escaped})`
}

function parseLiteral(part: string): PathSegment | null {
  const normalized = normalizePath(`/${part}`, keepAll)
  if (typeof normalized !== 'string') return null
  const segment = normalized.slice(1)
  // The escape only keeps the sign from being read as syntax here: clients send it either way.
  const escaped = /^%(3A|2A)/.exec(segment)
  if (escaped === null) return { kind: 'literal', spellings: [segment] }
  const sign = escaped[1] === '3A' ? ':' : '*'
  return { kind: 'literal', spellings: [segment, sign + segment.slice(3)] }
}
