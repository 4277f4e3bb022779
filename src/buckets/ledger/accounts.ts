/**
 * What a bucket's object knows of each isolate that draws on it. An account outlives the last lease by a grace, so
 * that the isolate always stops first: durations are counted there from sending, here from handling (LEASES.md §1.2).
 */

/** How long a lease may be spent. */
export const LEASE_TTL_MS = 5_000
/** What the object adds: clocks that drift, calls that were on their way. */
export const LEASE_GRACE_MS = 1_000
// Isolates that drew within this share the bucket.
const ACTIVE_MS = 2_300
// Counting is a walk over all: once in so long is close enough for shares.
const COUNTED_FOR_MS = 50

export interface Account {
  readonly isolate: string
  seq: number
  /** Tokens that the isolate may still spend, as far as is known here. */
  out: number
  /** The reported totals that were taken into account. */
  back: number
  charged: number
  /** What the last reply granted: taken back when the next call says that it never arrived. */
  direct: number
  lease: number
  grantedAt: number
  /** When its tokens are lost. */
  expiresAt: number
  /** Its last call that wanted something. */
  activeAt: number
}

export class Accounts {
  readonly #byIsolate = new Map<string, Account>()
  /** Tokens out, over all. */
  outstanding = 0
  #earliest = Number.POSITIVE_INFINITY
  #active = 0
  #countedAt = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#byIsolate.size
  }

  get(isolate: string): Account | undefined {
    return this.#byIsolate.get(isolate)
  }

  open(isolate: string): Account {
    const account: Account = {
      isolate,
      seq: 0,
      out: 0,
      back: 0,
      charged: 0,
      direct: 0,
      lease: 0,
      grantedAt: 0,
      expiresAt: 0,
      activeAt: Number.NEGATIVE_INFINITY,
    }
    this.#byIsolate.set(isolate, account)
    return account
  }

  setOut(account: Account, tokens: number): void {
    this.outstanding += tokens - account.out
    account.out = tokens
  }

  /** Renews what the isolate holds. */
  keep(account: Account, now: number): void {
    account.expiresAt = now + LEASE_TTL_MS + LEASE_GRACE_MS
    this.#earliest = Math.min(this.#earliest, account.expiresAt)
  }

  markActive(account: Account, now: number): void {
    if (account.activeAt <= now - ACTIVE_MS) this.#active += 1
    account.activeAt = now
  }

  /** Isolates that drew on the bucket of late, at least 1. */
  active(now: number): number {
    if (now - this.#countedAt >= COUNTED_FOR_MS) {
      this.#countedAt = now
      this.#active = 0
      for (const { activeAt } of this.#byIsolate.values()) {
        if (activeAt > now - ACTIVE_MS) this.#active += 1
      }
    }
    return Math.max(1, this.#active)
  }

  /** Forgets whose time is over, in its order; `before` is called with each such instant, before its tokens are lost. */
  expire(now: number, before: (at: number) => void): void {
    if (now < this.#earliest) return
    const ended = [...this.#byIsolate.values()].filter(({ expiresAt }) => expiresAt <= now)
    ended.sort((a, b) => a.expiresAt - b.expiresAt)
    for (const account of ended) {
      before(account.expiresAt)
      this.setOut(account, 0)
      this.#byIsolate.delete(account.isolate)
    }
    this.#earliest = Number.POSITIVE_INFINITY
    for (const { expiresAt } of this.#byIsolate.values()) {
      this.#earliest = Math.min(this.#earliest, expiresAt)
    }
  }

  /** When the last of them ends; 0 where there is none. */
  endsAt(): number {
    let latest = 0
    for (const { expiresAt } of this.#byIsolate.values()) latest = Math.max(latest, expiresAt)
    return latest
  }

  clear(): void {
    this.#byIsolate.clear()
    this.outstanding = 0
    this.#earliest = Number.POSITIVE_INFINITY
    this.#active = 0
  }

  /** The clock was set back: everything that is counted by it goes along. */
  shift(byMs: number): void {
    for (const account of this.#byIsolate.values()) {
      account.expiresAt += byMs
      account.activeAt += byMs
      account.grantedAt += byMs
    }
    this.#earliest += byMs
    this.#countedAt += byMs
  }
}
