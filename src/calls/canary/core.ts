/**
 * Whether a new upstream is worse than the others of its split: requests of both sides in a window, their failures,
 * and the mean time of their answers. Pure; the state is plain data.
 */

/** The margins of the table, with every default in place. */
export interface RollbackRules {
  /** In percent points; null: failures are not judged. */
  readonly errorPercent: number | null
  /** In percent of what the others take; null: time is not judged. */
  readonly latencyPercent: number | null
  readonly minimumRequests: number
  readonly windowMs: number
}

/** What the requests of one side came to. */
export interface SideCounts {
  requests: number
  failed: number
  /** Requests whose answer counts for time, and the sum of their times in milliseconds. */
  timed: number
  timeMs: number
}

export interface BothSides {
  readonly fresh: SideCounts
  readonly others: SideCounts
}

export interface Slice extends BothSides {
  readonly from: number
}

/** One split: that of a route. */
export interface CanaryState {
  /** Oldest first. */
  readonly window: Slice[]
  /** When it was left, and why; null while it gets its share. */
  left: { readonly at: number; readonly reason: WorseReason } | null
}

export type WorseReason = 'error-rate' | 'latency'

const SLICES = 10 // A slice leaves as a whole: the window is exact to a tenth.

/** A few milliseconds are no reason to go back, whatever part of a small number they are. */
const LEAST_SLOWER_MS = 5

export function noSide(): SideCounts {
  return { requests: 0, failed: 0, timed: 0, timeMs: 0 }
}

export function addSide(to: SideCounts, counts: Readonly<SideCounts>): void {
  to.requests += counts.requests
  to.failed += counts.failed
  to.timed += counts.timed
  to.timeMs += counts.timeMs
}

export function beginCanary(): CanaryState {
  return { window: [], left: null }
}

/** Takes in what an isolate counted; gives the reason where that makes the new side be left. */
export function absorb(
  state: CanaryState,
  counts: BothSides,
  rules: RollbackRules,
  now: number,
): WorseReason | null {
  const { window } = state
  while (window[0] !== undefined && hasLeft(window[0], rules.windowMs, now)) window.shift()
  let last = window.at(-1)
  if (last === undefined || now - last.from >= rules.windowMs / SLICES || now < last.from) {
    last = { from: now, fresh: noSide(), others: noSide() }
    window.push(last)
  }
  addSide(last.fresh, counts.fresh)
  addSide(last.others, counts.others)
  if (state.left !== null) return null
  const reason = worseReason(sumOf(state, rules, now), rules)
  if (reason !== null) state.left = { at: now, reason }
  return reason
}

/** What is in the window now. */
export function sumOf({ window }: CanaryState, rules: RollbackRules, now: number): BothSides {
  const sum = { fresh: noSide(), others: noSide() }
  for (const slice of window) {
    if (hasLeft(slice, rules.windowMs, now)) continue
    addSide(sum.fresh, slice.fresh)
    addSide(sum.others, slice.others)
  }
  return sum
}

/** Null as long as the new side is no worse, or one side had too few requests to tell. */
export function worseReason(
  { fresh, others }: BothSides,
  rules: RollbackRules,
): WorseReason | null {
  const { errorPercent, latencyPercent, minimumRequests } = rules
  if (fresh.requests < minimumRequests || others.requests < minimumRequests) return null
  if (errorPercent !== null) {
    const rate = ({ failed, requests }: SideCounts) => (100 * failed) / requests
    if (rate(fresh) > rate(others) + errorPercent) return 'error-rate'
  }
  if (latencyPercent !== null && fresh.timed > 0 && others.timed > 0) {
    const own = fresh.timeMs / fresh.timed
    const theirs = others.timeMs / others.timed
    const most = Math.max(theirs * (1 + latencyPercent / 100), theirs + LEAST_SLOWER_MS)
    if (own > most) return 'latency'
  }
  return null
}

function hasLeft({ from }: Slice, windowMs: number, now: number): boolean {
  return from <= now - windowMs || from > now
}
