/**
 * Adds up who uses which version: a row per day, route, version and caller, kept for 90 days. Storage and clock are
 * given. When there is no room for another row a request is counted for `others`.
 */
import type { Clock } from '../../platform/ports.ts'
import type { Use, UsesLine, UsesReport, UsesView } from './messages.ts'

export const DAY_MS = 86_400_000
/** A quarter: who calls once in it is still seen. */
const KEPT_DAYS = 90

export interface UsesRow extends Use {
  /** Days since 1970, UTC. */
  readonly day: number
  readonly at: number
}

export interface UsesStorage {
  /** Adds to the row of the same day, route, version and caller; false where there is none. */
  addTo(row: UsesRow): boolean
  insert(row: UsesRow): void
  size(): number
  /** Deletes the rows of days before this one. */
  deleteBefore(day: number): void
  /** Sums over days, the newest first, at most so many; of one route, or of all. */
  sums(route: string | null, most: number): readonly UsesLine[]
  firstDay(): number | null
}

export interface UsesLimits {
  readonly maxRows: number
  /** Of rows for `others`, beyond `maxRows`. */
  readonly maxOthers: number
  readonly maxLines: number
}

// Some 100 bytes a row: 10 MB of the 10 GB of an object. 20,000 lines are 3 MB of the 32 MB of an answer over RPC.
const defaultLimits: UsesLimits = { maxRows: 100_000, maxOthers: 20_000, maxLines: 20_000 }

// Names come from the table, and from the records of keys, which may have any.
const MAX_CALLER_LENGTH = 200

export class UsesBook {
  readonly #clock: Clock
  readonly #storage: UsesStorage
  readonly #limits: UsesLimits

  constructor(parts: {
    readonly clock: Clock
    readonly storage: UsesStorage
    readonly limits?: UsesLimits
  }) {
    this.#clock = parts.clock
    this.#storage = parts.storage
    this.#limits = parts.limits ?? defaultLimits
  }

  /** Requests count for the day on which their report comes. */
  report({ uses }: UsesReport): void {
    const at = this.#clock.now()
    const day = Math.floor(at / DAY_MS)
    for (const use of uses) {
      const caller = use.caller.slice(0, MAX_CALLER_LENGTH)
      this.#add({ ...use, caller, day, at })
    }
  }

  read(route: string | null): UsesView {
    this.sweep()
    const { maxLines } = this.#limits
    const lines = this.#storage.sums(route, maxLines + 1)
    const first = this.#storage.firstDay()
    return {
      since: first === null ? null : first * DAY_MS,
      lines: lines.slice(0, maxLines),
      isCut: lines.length > maxLines,
    }
  }

  /** Forgets what is older than it is kept for. Gives whether anything is left. */
  sweep(): boolean {
    this.#storage.deleteBefore(Math.floor(this.#clock.now() / DAY_MS) - KEPT_DAYS + 1)
    return this.#storage.size() > 0
  }

  #add(row: UsesRow): void {
    if (this.#storage.addTo(row)) return
    const { maxRows, maxOthers } = this.#limits
    const size = this.#storage.size()
    if (size < maxRows) {
      this.#storage.insert(row)
      return
    }
    const others = { ...row, caller: 'others' }
    if (this.#storage.addTo(others) || size >= maxRows + maxOthers) return
    this.#storage.insert(others)
  }
}
