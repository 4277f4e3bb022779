/**
 * The book that the owner of the table's version keeps, and how it changes. Pure. The book says what is in
 * force; the texts stand in KV, which may show an older copy for a while.
 */
import type { IfMatch, TableVersion } from '../../platform/ports.ts'
import type { Copy } from '../source-core.ts'

export const MAX_VERSIONS = 50 // ROUTES.md §8: the versions that can be rolled back to.

// A copy of a version that left the list may still be seen for a minute, in which KV takes 60 writes of a key.
const MAX_SEEN = 500

export interface Ledger {
  readonly current: string | null
  /** What was in force before it. */
  readonly previous: string | null
  /** Oldest first; all of them have a copy in KV. */
  readonly versions: readonly TableVersion[]
  /** The highest stamp that was given out. */
  readonly stamp: number
  /** When the object last changed KV, or the book last changed. */
  readonly changedAt: number
  /** Versions that were begun or in force at any time, oldest first. */
  readonly seen: readonly string[]
  /** A version whose texts were being written: when it is still here later, that write did not end. */
  readonly pending: string | null
  /** What stands under `routes:good`. */
  readonly good: { readonly version: string; readonly build: string; readonly at: number } | null
  /** Versions whose copies are to be deleted. */
  readonly doomed: readonly string[]
}

export const emptyLedger: Ledger = {
  current: null,
  previous: null,
  versions: [],
  stamp: 0,
  changedAt: 0,
  seen: [],
  pending: null,
  good: null,
  doomed: [],
}

/** Whether a change may be made on top of what is in force (RFC 9110 §13.1.1). */
export function holds(ifMatch: IfMatch, current: string | null): boolean {
  if (ifMatch === null) return true
  if (current === null) return false
  return ifMatch === '*' || ifMatch.includes(current)
}

/** A stamp is a time, so that it also rises after the book was lost. */
export function nextStamp(ledger: Ledger, now: number): number {
  return Math.max(now, ledger.stamp + 1)
}

/** Notes that the texts of a version are about to be written. */
export function begin(ledger: Ledger, version: string, now: number): Ledger {
  return {
    ...ledger,
    pending: version,
    stamp: nextStamp(ledger, now),
    seen: remember(ledger.seen, version),
  }
}

/** Puts a version in force. A version that was in the list before moves to its end. */
export function enact(ledger: Ledger, entry: TableVersion, now: number): Ledger {
  const others = ledger.versions.filter(({ version }) => version !== entry.version)
  const versions = [...others, entry]
  const dropped = versions.slice(0, -MAX_VERSIONS).map(({ version }) => version)
  const isSame = ledger.current === entry.version
  return {
    ...ledger,
    current: entry.version,
    previous: isSame ? ledger.previous : ledger.current,
    versions: versions.slice(-MAX_VERSIONS),
    changedAt: now,
    seen: remember(ledger.seen, entry.version),
    pending: null,
    doomed: [...ledger.doomed, ...dropped].filter((version) => version !== entry.version),
  }
}

function remember(seen: readonly string[], version: string): readonly string[] {
  return [...seen.filter((one) => one !== version), version].slice(-MAX_SEEN)
}

export type CopyFinding =
  /** KV and the book agree. */
  | 'current'
  /** A copy from before the last change: KV will show the newer one. */
  | 'stale'
  /** Somebody wrote it past this object, or this object wrote it and stopped before it could note so. */
  | 'foreign'
  /** A write of this object landed after a later one, long ago: the copy has to be written again. */
  | 'overtaken'

/**
 * What a copy under `routes` means to the owner. A copy with a stamp tells by itself whether it is newer. One
 * without was written with another tool: new when it was never seen; else it may be an old copy as long as KV
 * may show one (`staleForMs` after the last change), and after that it was written again.
 */
export function judgeOwnCopy(
  copy: Copy,
  ledger: Ledger,
  time: { readonly now: number; readonly staleForMs: number },
): CopyFinding {
  if (copy.version === ledger.current) return 'current'
  const mayBeOld = time.now - ledger.changedAt < time.staleForMs
  if (copy.stamp !== null) {
    // The stamp of the write that is pending is the highest one given out.
    if (copy.stamp > ledger.stamp || copy.version === ledger.pending) return 'foreign'
    return mayBeOld ? 'stale' : 'overtaken'
  }
  if (!ledger.seen.includes(copy.version)) return 'foreign'
  return mayBeOld ? 'stale' : 'foreign'
}
