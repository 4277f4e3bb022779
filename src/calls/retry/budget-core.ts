/**
 * The retry budget (ROUTES.md §4, `budgetPercent`): tries beyond the first stay within a share of the requests.
 * Shares add up, so each isolate keeps to its own with no hop. Where there are few requests a share of them is
 * less than one retry: there a floor holds, so many retries a second for the whole fleet, of which the upstream's
 * object gives each isolate its part. A retry counts against both, so that the two do not add up. Pure; plain data.
 */

const SLOTS = 10 // Seconds over which the share is measured: the interval of retry budgets in Gateway API (GEP-3388).

/** Retries a second that the fleet may make however few requests it has: `minRetryRate` of GEP-3388. */
export const FLOOR_PER_SECOND = 10

/** Retries that an isolate has before the object's first word: enough for one request to fail thrice. */
export const ADVANCE = 3

export interface Purse {
  /** The second that the newest slot counts. */
  second: number
  /** By second modulo the number of slots. */
  readonly requests: number[]
  readonly retries: number[]
  /** What is left of the floor; no retry is owed, so it is never below 0. */
  tokens: number
  /** When `tokens` was counted, milliseconds since 1970. */
  countedAt: number
  /** Tokens a second, as the object granted; 0 before its first word. */
  rate: number
  /** When the grant is over, milliseconds since 1970. */
  until: number
}

export function emptyPurse(): Purse {
  return {
    second: 0,
    requests: new Array<number>(SLOTS).fill(0),
    retries: new Array<number>(SLOTS).fill(0),
    tokens: ADVANCE,
    countedAt: 0,
    rate: 0,
    until: 0,
  }
}

/** Counts a request that was begun. */
export function countRequest(purse: Purse, now: number): void {
  const slot = turn(purse, now)
  purse.requests[slot] = (purse.requests[slot] ?? 0) + 1
}

/** Takes one retry; false where there is none to be had. */
export function takeRetry(purse: Purse, percent: number, now: number): boolean {
  if (percent === 0) return false
  const slot = turn(purse, now)
  fill(purse, now)
  const hasShare = sum(purse.retries) + 1 <= (sum(purse.requests) * percent) / 100
  if (!hasShare && purse.tokens < 1) return false
  purse.tokens = Math.max(0, purse.tokens - 1)
  purse.retries[slot] = (purse.retries[slot] ?? 0) + 1
  return true
}

/** Takes in what the object granted: tokens a second, for so long. */
export function grant(purse: Purse, ratePerSecond: number, until: number, now: number): void {
  fill(purse, now)
  purse.rate = ratePerSecond
  purse.until = until
}

/** Brings the floor up to date. A second's worth is kept at most, but always room for one whole retry. */
function fill(purse: Purse, now: number): void {
  const { rate } = purse
  const earning = Math.min(now, purse.until) - purse.countedAt
  if (rate > 0 && earning > 0) {
    const most = Math.max(1, rate)
    // What an isolate had before, the advance, does not grow; nor is it taken away.
    if (purse.tokens < most) purse.tokens = Math.min(most, purse.tokens + (earning * rate) / 1000)
  }
  purse.countedAt = now
}

/** Index of the slot of now; slots of seconds that are over by ten are emptied. */
function turn(purse: Purse, now: number): number {
  const second = Math.floor(now / 1000)
  const passed = second - purse.second
  if (passed > 0) {
    for (let step = 1; step <= Math.min(passed, SLOTS); step += 1) {
      const slot = (purse.second + step) % SLOTS
      purse.requests[slot] = 0
      purse.retries[slot] = 0
    }
    purse.second = second
  }
  // A clock that was set back counts in the newest slot.
  return purse.second % SLOTS
}

function sum(slots: readonly number[]): number {
  let total = 0
  for (const count of slots) total += count
  return total
}
