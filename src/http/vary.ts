/**
 * Vary (RFC 9110 §12.5.5): the request fields that selected an answer, and what of their values counts. Values are
 * only changed in ways that mean the same (RFC 9111 §4.1). Pure.
 */
import type { Fields } from './headers.ts'

/** Lower-case names, each once and sorted; `*` where anything may have selected the answer. */
export function varyNames(field: string | null): readonly string[] | '*' {
  if (field === null) return []
  const names = new Set<string>()
  for (const member of field.split(',')) {
    const name = member.trim().toLowerCase()
    if (name === '*') return '*'
    if (name !== '') names.add(name)
  }
  return [...names].sort()
}

/** Names with the values that this request has; null where it has none. */
export type Selecting = readonly (readonly [string, string | null])[]

/** What of a request the fields of these names say. */
export function selectingFields(names: readonly string[], fields: Readonly<Fields>): Selecting {
  return names.map((name) => [name, normalize(name, fields[name])] as const)
}

/** Whether the request would have been answered the same. */
export function isSelectedBy(selecting: Selecting, fields: Readonly<Fields>): boolean {
  for (const [name, value] of selecting) {
    if (normalize(name, fields[name]) !== value) return false
  }
  return true
}

/** Lists of which each member has a weight: order says nothing (RFC 9110 §12.4.2). */
const weighted = new Set(['accept-encoding', 'accept-language', 'accept-charset'])

function normalize(name: string, value: string | undefined): string | null {
  if (value === undefined) return null
  if (weighted.has(name)) return normalizeWeighted(value)
  // Blanks around commas mean nothing in a list; within quotes they would.
  return value.includes('"') ? value.trim() : value.trim().replace(/\s*,\s*/g, ',')
}

/** Lower-case members without blanks, the most wanted first; `identity` and `q=1` are what is meant anyway. */
function normalizeWeighted(value: string): string {
  return parseWeighted(value)
    .sort((a, b) => b.weight - a.weight || (a.token < b.token ? -1 : 1))
    .map(({ token, weight }) => (weight === 1 ? token : `${token};q=${weight}`))
    .join(',')
}

interface Weighted {
  readonly token: string
  readonly weight: number
}

function parseWeighted(value: string): Weighted[] {
  const members: Weighted[] = []
  for (const member of value.toLowerCase().split(',')) {
    const [token = '', ...parameters] = member.split(';').map((part) => part.trim())
    if (token === '') continue
    const written = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = written === undefined ? 1 : Number(written.slice(2))
    members.push({ token, weight: Number.isFinite(weight) ? weight : 1 })
  }
  return members
}

/** The one language that a request wants more than all others, or null. */
export function preferredLanguage(acceptLanguage: string | undefined): string | null {
  if (acceptLanguage === undefined) return null
  const [first, second] = parseWeighted(acceptLanguage).sort((a, b) => b.weight - a.weight)
  if (first === undefined || first.weight === 0 || first.token === '*') return null
  return second !== undefined && second.weight === first.weight ? null : first.token
}
