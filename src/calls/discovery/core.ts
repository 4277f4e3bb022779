/**
 * Where the targets of an upstream are, as its source and they themselves say: the last good list, the leases, and
 * when the source is asked again. State is plain data; `now` and chance are arguments.
 */
import type { Entry, Notice } from '../state/part.ts'
import { diffEntries, MAX_ENTRIES, nameList, sortEntries } from './entry-core.ts'
import type { DiscoverRules } from './rules.ts'

export interface Lease {
  readonly entry: Entry
  /** Milliseconds since 1970. */
  readonly until: number
}

/** What is known of one source. */
export interface SourceState {
  readonly key: string
  /** The last good list; null where there never was one. */
  readonly list: readonly Entry[] | null
  /** Where the source is to go on: an index, a revision, an entity tag. */
  readonly cursor: string | null
  /** In a row. */
  readonly failures: number
  readonly error: string | null
  readonly refused: number
  /** When the list was last read; null where it never was, or before a restart. */
  readonly readAt: number | null
  readonly nextAt: number
}

export interface DiscoveryState extends SourceState {
  readonly leases: readonly Lease[]
  /** The list with the leases, and its name. */
  readonly entries: readonly Entry[]
  readonly version: string
  /** Until when the source is asked although nobody reports. */
  readonly activeUntil: number
  /** Of other tables, which isolates have for a while after a change: the last used first. */
  readonly others: readonly SourceState[]
}

/** What asking the source came to. */
export type Reading =
  | {
      readonly kind: 'list'
      readonly entries: readonly Entry[]
      readonly refused: number
      readonly cursor: string | null
      /** How long the source says that it holds; null where it does not say. */
      readonly ttlMs: number | null
    }
  /** Nothing changed since the cursor. */
  | { readonly kind: 'unchanged'; readonly cursor: string | null }
  /** `reason` in kebab-case. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface Read {
  readonly reading: Reading
  readonly startedAt: number
}

export interface DiscoveryChange {
  readonly state: DiscoveryState
  readonly notices: readonly Notice[]
}

/** What survives the object's sleep. */
export type DiscoveryKept = Pick<DiscoveryState, 'key' | 'list' | 'leases' | 'activeUntil'>

/** After the last report of an isolate (issue 5: from the first request until 10 minutes after the last). */
export const ACTIVE_MS = 600_000
/** Told to the storage in steps, so that a busy upstream costs one write in so long. */
const ACTIVE_STEP_MS = 60_000

const LEAST_PAUSE_MS = 1_000 // Between two questions, whatever TTL or watch say.
const LEAST_TTL_MS = 5_000
const MOST_BACKOFF_MS = 60_000

export function begin(kept: DiscoveryKept | null): DiscoveryState {
  return withEntries({
    ...unknown(kept?.key ?? ''),
    list: kept?.list ?? null,
    leases: kept?.leases ?? [],
    entries: [],
    version: '',
    activeUntil: kept?.activeUntil ?? 0,
    others: [],
  })
}

function unknown(key: string): SourceState {
  return {
    key,
    list: null,
    cursor: null,
    failures: 0,
    error: null,
    refused: 0,
    readAt: null,
    nextAt: 0,
  }
}

const MAX_OTHERS = 3

/** Turns to the source of this table. */
export function adopt(state: DiscoveryState, { key }: DiscoverRules): DiscoveryState {
  if (state.key === key) return state
  const found = state.others.find((other) => other.key === key) ?? unknown(key)
  const { list, cursor, failures, error, refused, readAt, nextAt } = state
  const left = { key: state.key, list, cursor, failures, error, refused, readAt, nextAt }
  const others = [left, ...state.others.filter((other) => other.key !== key)].slice(0, MAX_OTHERS)
  return withEntries({ ...state, ...found, others })
}

function withEntries(state: DiscoveryState): DiscoveryState {
  const found = new Map<string, Entry>()
  // What a target says of itself is newer than what a source knows of it.
  for (const { entry } of state.leases) found.set(entry.url, entry)
  for (const entry of state.list ?? []) if (!found.has(entry.url)) found.set(entry.url, entry)
  const entries = sortEntries([...found.values()]).slice(0, MAX_ENTRIES)
  return { ...state, entries, version: nameList(entries) }
}

/** An isolate reported: somebody needs the list. */
export function touch(state: DiscoveryState, now: number): DiscoveryState {
  const activeUntil = Math.ceil((now + ACTIVE_MS) / ACTIVE_STEP_MS) * ACTIVE_STEP_MS
  return activeUntil === state.activeUntil ? state : { ...state, activeUntil }
}

/** Takes in what the source said. */
export function absorb(
  state: DiscoveryState,
  { reading, startedAt }: Read,
  rules: DiscoverRules,
  { now, fraction }: { readonly now: number; readonly fraction: number },
): DiscoveryChange {
  if (reading.kind === 'failed') return fail(state, reading.reason, { now, fraction })
  const { cursor } = reading
  const isWatching = rules.watch && cursor !== null
  const pauseMs = isWatching ? 0 : pauseOf(reading, rules)
  const nextAt = Math.max(startedAt + LEAST_PAUSE_MS, now + pauseMs)
  const recovered: Notice[] =
    state.failures > 0 ? [told('failing', 'answering', 'source-answers')] : []
  const good = { ...state, cursor, failures: 0, error: null, nextAt }
  if (reading.kind === 'unchanged') return { state: good, notices: recovered }
  const { entries, refused } = reading
  const changed = withEntries({ ...good, list: entries, refused, readAt: now })
  return { state: changed, notices: [...recovered, ...changesOf(state, changed, 'source')] }
}

function pauseOf(reading: Reading, { refreshMs }: DiscoverRules): number {
  if (reading.kind !== 'list' || reading.ttlMs === null) return refreshMs
  return Math.min(refreshMs, Math.max(LEAST_TTL_MS, reading.ttlMs))
}

/** The last good list stays; the source is asked again later and later. */
function fail(
  state: DiscoveryState,
  reason: string,
  { now, fraction }: { readonly now: number; readonly fraction: number },
): DiscoveryChange {
  const failures = state.failures + 1
  const ms = backoffMs(failures, fraction)
  const notices =
    failures > 1
      ? []
      : [{ ...told('answering', 'failing', reason), forSeconds: Math.ceil(ms / 1000) }]
  return {
    // Where to go on is not known of a source that failed: it is asked for all of it.
    state: { ...state, cursor: null, failures, error: reason, nextAt: now + ms },
    notices,
  }
}

/** Doubled each time, up to a minute; between half of it and all, so that objects do not ask in step. */
export function backoffMs(failures: number, fraction: number): number {
  const most = Math.min(MOST_BACKOFF_MS, 1_000 * 2 ** Math.min(failures - 1, 10))
  return Math.round(most * (0.5 + 0.5 * fraction))
}

/** A target registers itself, or renews its lease. */
export function register(state: DiscoveryState, lease: Lease, now: number): DiscoveryChange {
  const others = live(state, now).filter(({ entry }) => entry.url !== lease.entry.url)
  const changed = withEntries({ ...state, leases: [...others, lease].slice(-MAX_ENTRIES) })
  return { state: changed, notices: changesOf(state, changed, 'registered') }
}

export function deregister(state: DiscoveryState, url: string, now: number): DiscoveryChange {
  const leases = live(state, now).filter(({ entry }) => entry.url !== url)
  const changed = withEntries({ ...state, leases })
  return { state: changed, notices: changesOf(state, changed, 'deregistered') }
}

/** Ends the leases whose time is over. */
export function settle(state: DiscoveryState, now: number): DiscoveryChange {
  const leases = live(state, now)
  if (leases.length === state.leases.length) return { state, notices: [] }
  const changed = withEntries({ ...state, leases })
  return { state: changed, notices: changesOf(state, changed, 'lease-over') }
}

function live({ leases }: DiscoveryState, now: number): readonly Lease[] {
  return leases.filter(({ until }) => now < until)
}

/** When there is something to do; null while nobody needs it. */
export function nextWake(state: DiscoveryState, { source }: DiscoverRules): number | null {
  const ends = state.leases.map(({ until }) => until)
  if (source !== null && state.nextAt < state.activeUntil) ends.push(state.nextAt)
  return ends.length === 0 ? null : Math.min(...ends)
}

const MAX_TOLD = 10 // A list that changes altogether is one notice.

function changesOf(before: DiscoveryState, after: DiscoveryState, reason: string): Notice[] {
  const { added, removed } = diffEntries(before.entries, after.entries)
  if (added.length + removed.length > MAX_TOLD) {
    return [told(counted(before.entries.length), counted(after.entries.length), reason)]
  }
  return [
    ...added.map((target) => ({ ...told('absent', 'listed', reason), target })),
    ...removed.map((target) => ({ ...told('listed', 'absent', reason), target })),
  ]
}

function counted(count: number): string {
  return `${count} targets`
}

function told(from: string, to: string, reason: string): Notice {
  return { notice: 'discovery', from, to, reason, forSeconds: null }
}
