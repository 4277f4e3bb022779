/**
 * What two requests have to have in common to share an answer (ROUTES.md §5). Every part stands behind its length,
 * so that no two lists of parts give one key. Pure.
 */

export interface QueryRules {
  /** Parameters in the order of their names, so that the order in which they were written says nothing. */
  readonly sort: boolean
  /** Only these count; null is all. */
  readonly only: readonly string[] | null
  /** These do not; a name that ends in "*" is a prefix. */
  readonly ignore: readonly string[]
}

/** Parameters that tell where a visitor came from, and that no service answers differently for. */
export const noise: readonly string[] = [
  'utm_*',
  'gclid',
  'dclid',
  'fbclid',
  'msclkid',
  'yclid',
  'mc_cid',
  'mc_eid',
]

/** The parts as one text. */
export function joinParts(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${part.length}:${part}`
  return text
}

/** Whether a parameter of this name is a part of the key; the name as it is written, decoded. */
export function bindCounts({ only, ignore }: QueryRules): (name: string) => boolean {
  const chosen = only === null ? null : new Set(only)
  const ignored = new Set(ignore.filter((name) => !name.endsWith('*')))
  const prefixes = ignore.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return function counts(name) {
    if (chosen !== null && !chosen.has(name)) return false
    return !ignored.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))
  }
}

/**
 * Takes the parameters that do not count out of a query, "?" included: what is no part of the key does not reach
 * the service either, so that nothing in it can shape an answer that others get.
 */
export function cleanQuery(query: string, counts: (name: string) => boolean): string {
  if (query.length < 2) return query
  const pairs = query.slice(1).split('&')
  const kept = pairs.filter((pair) => counts(nameOf(pair)))
  if (kept.length === pairs.length) return query
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

/** Pairs of one name keep their order: it may mean something. */
export function sortQuery(query: string): string {
  if (!query.includes('&')) return query
  const pairs = query.slice(1).split('&')
  const named = pairs.map((pair) => ({ pair, name: nameOf(pair) }))
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return `?${named.map(({ pair }) => pair).join('&')}`
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  const written = equals === -1 ? pair : pair.slice(0, equals)
  if (!/[%+]/.test(written)) return written
  try {
    return decodeURIComponent(written.replaceAll('+', ' '))
  } catch {
    return written
  }
}
