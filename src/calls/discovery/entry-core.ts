/**
 * Reads what a source lists. Each entry is judged as a target of the table is; what is none is left out and counted,
 * so that one bad line takes no service away. Pure.
 */
import { hashText } from '../balance/rendezvous-core.ts'
import type { Entry } from '../state/part.ts'
import { isRemoteTarget } from '../target.ts'
import type { Scheme } from './rules.ts'

export interface EntryList {
  /** Sorted by URL, each once. */
  readonly entries: readonly Entry[]
  /** How many were none, or too many. */
  readonly refused: number
}

/** As many as a table may have. */
export const MAX_ENTRIES = 1_000

/** What a source says of one target: its URL, or an object with more. */
export type Listed = unknown

export function readEntries(listed: readonly Listed[]): EntryList {
  const found = new Map<string, Entry>()
  let refused = 0
  for (const one of listed) {
    const entry = readEntry(one)
    if (entry === null) refused += 1
    // Of two that are the same the first counts.
    else if (!found.has(entry.url)) found.set(entry.url, entry)
  }
  const entries = sortEntries([...found.values()])
  const kept = entries.slice(0, MAX_ENTRIES)
  return { entries: kept, refused: refused + entries.length - kept.length }
}

/** In one order whatever the source's is: what is told again must look the same. */
export function sortEntries(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((one, other) => (one.url < other.url ? -1 : one.url > other.url ? 1 : 0))
}

/** Null where it is no target. */
export function readEntry(listed: Listed): Entry | null {
  if (typeof listed === 'string') return readEntry({ url: listed })
  if (typeof listed !== 'object' || listed === null) return null
  const { url, weight = 1, priority = 0, zone = null, draining = false } = listed as Fields
  if (typeof url !== 'string' || !isRemoteTarget(url)) return null
  if (!isWhole(weight, 1_000_000) || !isWhole(priority, 100)) return null
  if (zone !== null && !isZone(zone)) return null
  if (typeof draining !== 'boolean') return null
  return { url, weight, priority, zone, draining }
}

type Fields = Readonly<Record<string, unknown>>

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
}

function isZone(value: unknown): value is string {
  return typeof value === 'string' && /^(?:[A-Z]{2}|[A-Z]{3})$/.test(value)
}

/** The URL of a target at this address. */
export function urlAt(host: string, port: number | null, scheme: Scheme | null): string {
  const chosen = scheme ?? (port === 443 ? 'https' : 'http')
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return port === null ? `${chosen}://${name}` : `${chosen}://${name}:${port}`
}

/** Names a list: two that differ have different names. */
export function nameList(entries: readonly Entry[]): string {
  const text = JSON.stringify(entries)
  return `${entries.length}-${hashText(text).toString(16)}${hashText(`#${text}`).toString(16)}`
}

export interface ListChange {
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** Which targets came and went. */
export function diffEntries(before: readonly Entry[], after: readonly Entry[]): ListChange {
  const known = new Set(before.map(({ url }) => url))
  const now = new Set(after.map(({ url }) => url))
  return {
    added: [...now].filter((url) => !known.has(url)),
    removed: [...known].filter((url) => !now.has(url)),
  }
}
