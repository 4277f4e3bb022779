/**
 * How much of what comes for an upstream is let through: a gradient of its latency against its best, as Envoy's
 * adaptive_concurrency has it, and of its failures (admission_control). Steps follow measured intervals, down by the
 * gradient and up little by little. Pure: plain data, and `now` is an argument.
 */
import type { AdaptiveRules } from './rules.ts'

/** What calls came to within an interval. */
export interface Measure {
  readonly tries: number
  readonly failed: number
  /** Tries that were answered, and the sum of their times to headers. */
  readonly answered: number
  readonly latencySumMs: number
}

export const nothing: Measure = { tries: 0, failed: 0, answered: 0, latencySumMs: 0 }

export interface Reading {
  /** Mean time to headers; null where nothing was answered. */
  readonly latencyMs: number | null
  /** From 0 to 1. */
  readonly failedShare: number
}

/** Reports of isolates come once in so long, so that an interval has one of each. */
export const INTERVAL_MS = 5_000
/** With fewer tries an interval goes on: a mean of few says nothing (Envoy's request_count is 50 a process). */
export const MIN_TRIES = 20
/** An interval that found no more within so long had too little traffic to be an overload. */
const LONGEST_MS = 30_000

/** Whether an interval is over. */
export function isOver(measure: Measure, ageMs: number): boolean {
  return ageMs >= LONGEST_MS || (ageMs >= INTERVAL_MS && measure.tries >= MIN_TRIES)
}

/** What the interval says; null where it had too little traffic. */
export function read({ tries, failed, answered, latencySumMs }: Measure): Reading | null {
  if (tries < MIN_TRIES) return null
  return {
    latencyMs: answered === 0 ? null : latencySumMs / answered,
    failedShare: failed / tries,
  }
}

/** How much is let through, as far as one set of rules says. Plain data. */
export interface Throttle {
  /** From the least to 1, of all that comes. */
  readonly factor: number
  /** What was let through when it fell last: near it recovery is careful. */
  readonly ceiling: number
  /** What is measured before, milliseconds since 1970, is of the time before it fell. */
  readonly restsUntil: number
  /** Whether it rose since it was full: then the ceiling is near. */
  readonly isFound: boolean
}

export const open: Throttle = { factor: 1, ceiling: 1, restsUntil: 0, isFound: false }

/** What an interval found. */
export interface Finding {
  readonly reading: Reading | null
  /** What the interval before it said. */
  readonly before: Reading | null
  readonly bestMs: number | null
  readonly ageMs: number
  readonly now: number
}

export type Reason = 'latency' | 'errors'

export interface Step {
  readonly throttle: Throttle
  /** What made it fall. */
  readonly reason: Reason | null
}

// Envoy's gradient goes no lower: one interval may be bad luck.
const STEEPEST = 0.5
// Once the ceiling is known to be near, half would be given away each time that it is touched.
const STEEPEST_AGAIN = 0.7
/** What comes back in `INTERVAL_MS`: 100 s from nothing to all, and slower near the ceiling. */
const RECOVERY = 0.05
const CAREFUL_RECOVERY = 0.01
// Between this and the bound the factor stays: a controller without such a band swings.
const CALM = 0.9
// Isolates hear of the fall within one interval, and the calls of the next one end with what was on its way.
const REST_MS = INTERVAL_MS

// A backlog that drains is no reason to fall again.
const IMPROVED = 0.8

/** What is let through after an interval. */
export function step(throttle: Throttle, finding: Finding, rules: AdaptiveRules): Step {
  const { reading, before, bestMs, ageMs, now } = finding
  const { factor, restsUntil, isFound } = throttle
  const load = latencyLoad(reading, bestMs, rules)
  const failing = failureLoad(reading, rules)
  const worst = Math.max(load, failing)
  if (worst <= 1) return { throttle: load > CALM ? throttle : risen(throttle, ageMs), reason: null }
  const worstBefore = Math.max(latencyLoad(before, bestMs, rules), failureLoad(before, rules))
  const isResting = now - ageMs < restsUntil
  const isDraining = factor < 1 && worst < worstBefore * IMPROVED
  if (isResting || isDraining || factor <= rules.least) return { throttle, reason: null }
  const gradient = Math.max(isFound ? STEEPEST_AGAIN : STEEPEST, 1 / worst)
  const lower = Math.max(rules.least, factor * gradient)
  return {
    throttle: { factor: lower, ceiling: factor, restsUntil: now + REST_MS, isFound },
    reason: failing > load ? 'errors' : 'latency',
  }
}

function risen(throttle: Throttle, ageMs: number): Throttle {
  const distance = Math.abs(throttle.ceiling - throttle.factor) / 2
  const gain = Math.min(RECOVERY, Math.max(CAREFUL_RECOVERY, distance))
  const factor = throttle.factor + gain * (ageMs / INTERVAL_MS)
  return factor >= 1 ? open : { ...throttle, factor, isFound: true }
}

/** Latency as a share of what is tolerated. */
function latencyLoad(
  reading: Reading | null,
  bestMs: number | null,
  { latencyTolerance }: AdaptiveRules,
): number {
  const latencyMs = reading?.latencyMs ?? null
  if (latencyMs === null || bestMs === null) return 0
  return latencyMs / (Math.max(bestMs, LEAST_BEST_MS) * latencyTolerance)
}

// Clocks count whole milliseconds: of faster services a ratio would be one of rounding.
const LEAST_BEST_MS = 5

/** Above 1 where more fails than is tolerated: by how much too few succeed. */
function failureLoad(reading: Reading | null, { errorShare }: AdaptiveRules): number {
  if (reading === null || reading.failedShare <= errorShare) return 0
  return (1 - errorShare) / Math.max(1 - reading.failedShare, Number.EPSILON)
}

// A service that became slower for good is not limited for ever: while all passes its best follows within hours, and
// within some ten minutes where even the least share changes nothing (Envoy measures anew at its least concurrency).
const FOLLOWS_MS = 3_600_000
const RELEARNS_MS = 600_000

/** Where the factors of an upstream stand. */
export type Standing = 'full' | 'between' | 'least'

/** The best latency after an interval of so long. */
export function learnBest(
  bestMs: number | null,
  reading: Reading | null,
  standing: Standing,
  intervalMs: number,
): number | null {
  const latencyMs = reading?.latencyMs ?? null
  if (latencyMs === null) return bestMs
  if (bestMs === null) return latencyMs
  // Half the way: one lucky interval is not the best for ever.
  if (latencyMs < bestMs) return (bestMs + latencyMs) / 2
  // What is slow under load says nothing of the best.
  if (standing === 'between') return bestMs
  const constant = standing === 'full' ? FOLLOWS_MS : RELEARNS_MS
  return bestMs + (latencyMs - bestMs) * (1 - Math.exp(-intervalMs / constant))
}
