/**
 * One stored line for all buckets of an object that have none of their own: each stands on
 * `full − head + refill × (t − at)`, with `head` what it refills in some seconds, and never sinks under that without
 * a line of its own. So ten thousand keys that are used a little cost a write in some seconds, not one each; a start
 * costs a bucket at most its head, as with its own line (LEASES.md §4).
 */
import { refilled, type Units } from '../units.ts'
import { AHEAD_MS, headOf } from './lease-line.ts'

export class SharedLine {
  /** As the start found it: what buckets spent in the life before. */
  #before: number | null
  /** As stored now; null for none. */
  #at: number | null
  #isUnwritten = false

  constructor(storedAt: number | null) {
    this.#before = storedAt
    this.#at = storedAt
  }

  /** The level of a bucket that has no line of its own, as this life first sees it. */
  begin(units: Units, now: number): number {
    return this.#before === null ? units.full : lineAt(units, this.#before, now)
  }

  /** Whether the bucket needs no line of its own with this level. It may need the shared one anew: `takeUnwritten` tells. */
  covers(units: Units, level: number, now: number): boolean {
    if (headOf(units) === 0) return false
    const at = this.#at
    // One of the future was written before the clock went back.
    if (at !== null && at <= now && level >= lineAt(units, at, now)) return true
    if (level < lowest(units)) return false
    // Every other bucket stands above the line as it was, and so above this one.
    this.#at = now
    this.#isUnwritten = true
    return true
  }

  /** What has to be stored before a reply leaves, once; null where storage has it. */
  takeUnwritten(): number | null {
    if (!this.#isUnwritten) return null
    this.#isUnwritten = false
    return this.#at
  }

  get isStored(): boolean {
    return this.#at !== null
  }

  /** When every bucket on it is full; Infinity where there is none. */
  restsAt(): number {
    return this.#at === null ? Number.POSITIVE_INFINITY : this.#at + AHEAD_MS
  }

  forget(): void {
    this.#before = null
    this.#at = null
  }
}

/** Where the line begins. */
function lowest(units: Units): number {
  return Math.max(0, units.full - headOf(units))
}

function lineAt(units: Units, at: number, now: number): number {
  return refilled(lowest(units), Math.max(0, now - at), units.refill, units.full)
}
