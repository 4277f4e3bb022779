/**
 * What an unsafe request makes invalid once it succeeds: the target, and what Location and Content-Location name on
 * the same origin (RFC 9111 §4.4).
 */
import { normalizePath } from '../match/normalize.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { isRefusal } from './conclude.ts'
import { noteInvalid } from './invalidated.ts'
import type { CacheParts, CacheRequest } from './parts.ts'

/** Methods that change nothing (RFC 9110 §9.2.1; RFC 3253, RFC 4918, RFC 5323 for the others). */
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'REPORT', 'SEARCH'])

export function isUnsafe(method: string): boolean {
  return !safe.has(method)
}

/** The names under which a place of the request's own origin is known. */
export type Names = (place: Place) => { readonly key: string; readonly url: string }

interface Place {
  readonly path: string
  readonly query: string
}

export async function invalidate(
  answer: Answer,
  { exchange, shared }: Pick<CacheRequest, 'exchange' | 'shared'>,
  namesOf: Names,
  { tiers }: CacheParts,
): Promise<void> {
  // Only what succeeded has changed anything: 2xx and 3xx (§4.4).
  if (isRefusal(answer) || answer.status < 200 || answer.status >= 400) return
  const { target, ports } = exchange
  const now = ports.clock.now()
  const places: Place[] = [{ path: target.path, query: target.query }]
  for (const name of ['location', 'content-location']) {
    const place = placeOf(answer.headers.get(name), target)
    if (place !== null) places.push(place)
  }
  const deletions: Promise<void>[] = []
  for (const { key, url } of places.map(namesOf)) {
    noteInvalid(ports, url, now)
    if (tiers !== 'global') deletions.push(ports.answers.edge.delete(key))
    if (tiers === 'edge' || !shared) continue
    // The world hears of it later anyway: nobody waits for it.
    ports.defer(Promise.all([ports.answers.global.delete(key), ports.fills.forget(key)]))
  }
  // Who has the answer to a change may count on it.
  await Promise.all(deletions)
}

// What the table refuses is stored nowhere.
const keep = { emptySegments: 'keep', encodedSlash: 'keep', semicolon: 'keep' } as const

/** Path and query that a field names on the request's own origin; null where it names another. */
function placeOf(field: string | null, target: CacheRequest['exchange']['target']): Place | null {
  if (field === null) return null
  try {
    const base = `${target.scheme}://${target.authority}`
    const url = new URL(field, base + target.path)
    if (url.origin !== new URL(base).origin) return null
    const path = normalizePath(url.pathname, keep)
    return typeof path === 'string' ? { path, query: url.search } : null
  } catch {
    return null
  }
}
