/**
 * Purges as a bounded list of numbers and what they name. An entry is dead when a purge with a higher number than
 * the one that was known when its fill began matches it: nothing is scanned, and nothing has to be deleted.
 */
import type { Purge, PurgeSubject, PurgeView } from './answer.ts'

/** Under this key of KV stands the list, as JSON; beside it `version`, the number of the last purge. */
export const purgesKey = 'purges'

export interface NumberedPurge extends Omit<Purge, 'all'> {
  readonly generation: number
}

export interface PurgeList {
  /** The number of the last purge; 0 before the first. */
  readonly generation: number
  /** Whatever was begun to be filled before this number is dead. */
  readonly floor: number
  /** Oldest first. */
  readonly purges: readonly NumberedPurge[]
}

export const noPurgeList: PurgeList = { generation: 0, floor: 0, purges: [] }

// Every isolate reads and indexes the list whenever there is a new purge: a quarter of a megabyte is a millisecond.
const MAX_PURGES = 1_000
const MAX_CHARACTERS = 262_144

/**
 * The list with one purge more. Where it would be too long the oldest purges become a floor: from then on they
 * match everything that is as old as they are. More is purged than was asked for, never less.
 */
export function withPurge(list: PurgeList, { all, ...named }: Purge, now: number): PurgeList {
  // A time, and not a count: where the owner lost its storage, its numbers still go up.
  const generation = Math.max(list.generation + 1, Math.floor(now))
  if (all === true) return { generation, floor: generation, purges: [] }
  const purges = [...list.purges, { generation, ...named }]
  let { floor } = list
  let characters = purges.reduce((sum, purge) => sum + sizeOf(purge), 0)
  while (purges.length > MAX_PURGES || characters > MAX_CHARACTERS) {
    const [oldest] = purges.splice(0, 1)
    if (oldest === undefined) break
    floor = oldest.generation
    characters -= sizeOf(oldest)
  }
  return { generation, floor, purges }
}

function sizeOf(purge: NumberedPurge): number {
  return JSON.stringify(purge).length
}

/** The list in a text of KV, or null where it is none. */
export function readPurgeList(text: string): PurgeList | null {
  try {
    const read = JSON.parse(text) as Partial<PurgeList> | null
    const { generation, floor, purges } = read ?? {}
    if (typeof generation !== 'number' || typeof floor !== 'number') return null
    return Array.isArray(purges) ? { generation, floor, purges: purges as NumberedPurge[] } : null
  } catch {
    return null
  }
}

/** Indexes the list, so that a hit costs one comparison, and an entry older than the last purge a few look-ups. */
export function makePurgeView({ generation, floor, purges }: PurgeList): PurgeView {
  const urls = new Map<string, number>()
  const tags = new Map<string, number>()
  const routes = new Map<string, number>()
  // By length: a URL is cut once per length that occurs, and looked up.
  const prefixes = new Map<number, Map<string, number>>()
  // Numbers only go up, so what is set last is the highest.
  for (const purge of purges) {
    for (const url of purge.urls ?? []) urls.set(url, purge.generation)
    for (const tag of purge.tags ?? []) tags.set(tag, purge.generation)
    for (const route of purge.routes ?? []) routes.set(route, purge.generation)
    for (const prefix of purge.prefixes ?? []) {
      const ofLength = prefixes.get(prefix.length) ?? new Map<string, number>()
      prefixes.set(prefix.length, ofLength.set(prefix, purge.generation))
    }
  }

  function isPurged(subject: PurgeSubject): boolean {
    const since = subject.generation
    if (since >= generation) return false
    if (since < floor) return true
    if ((routes.get(subject.route) ?? 0) > since) return true
    if (subject.tags.some((tag) => (tags.get(tag) ?? 0) > since)) return true
    if (urls.size === 0 && prefixes.size === 0) return false
    const url = normalUrl(subject.url)
    if ((urls.get(url) ?? 0) > since) return true
    for (const [length, ofLength] of prefixes) {
      if (url.length >= length && (ofLength.get(url.slice(0, length)) ?? 0) > since) return true
    }
    return false
  }
  return { generation, isPurged }
}

/**
 * The URL with scheme and authority in the one form in which they are compared: lower-case, no default port, no
 * trailing dot. The rest stands as it is; without any it ends with "/".
 */
export function normalUrl(url: string): string {
  const [, scheme = '', host = '', port = '', rest = ''] =
    /^(https?):\/\/([^/?#]*?)\.?(?::([0-9]*))?([/?#].*)?$/is.exec(url) ?? []
  if (scheme === '') return url
  const name = scheme.toLowerCase()
  const isDefault = port === '' || port === (name === 'http' ? '80' : '443')
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return `${name}://${host.toLowerCase()}${isDefault ? '' : `:${port}`}${path}`
}
