/**
 * What one isolate measures of one target: calls in flight and time to headers. Plain numbers, changed in place, and
 * `now` is an argument.
 */

export interface Gauge {
  /** Calls that began in this period and have no headers yet. */
  inFlight: number
  /** The same of the period before. */
  inFlightBefore: number
  /** Which period `inFlight` is of. */
  period: number
  /** Peak-sensitive moving average of the time to headers; 0 is not measured yet. */
  latencyMs: number
  /** When `latencyMs` was written. */
  measuredAt: number
}

export function makeGauge(): Gauge {
  return { inFlight: 0, inFlightBefore: 0, period: 0, latencyMs: 0, measuredAt: 0 }
}

/**
 * When a client leaves, the runtime drops the work of its request and nobody counts the call down (decision 0005).
 * So a call counts for at most two periods: one that takes longer is no longer seen, and none stays for ever.
 */
const PERIOD_MS = 30_000

/** Counts a call up; what it gives goes to `endCall`. */
export function beginCall(gauge: Gauge, now: number): number {
  turn(gauge, now)
  gauge.inFlight += 1
  return gauge.period
}

/** Counts a call down that began in this period. */
export function endCall(gauge: Gauge, period: number, now: number): void {
  turn(gauge, now)
  if (period === gauge.period) gauge.inFlight = Math.max(0, gauge.inFlight - 1)
  else if (period === gauge.period - 1) {
    gauge.inFlightBefore = Math.max(0, gauge.inFlightBefore - 1)
  }
}

/** Calls without headers yet, as far as this isolate knows. */
export function inFlightOf(gauge: Gauge, now: number): number {
  turn(gauge, now)
  return gauge.inFlight + gauge.inFlightBefore
}

function turn(gauge: Gauge, now: number): void {
  const period = Math.floor(now / PERIOD_MS)
  if (period === gauge.period) return
  gauge.inFlightBefore = period === gauge.period + 1 ? gauge.inFlight : 0
  gauge.inFlight = 0
  gauge.period = period
}

/** After so long without calls a third of a target's latency is left: it is tried again. */
const DECAY_MS = 10_000 // As the peak EWMA balancers of Finagle and Linkerd have it.

/** Takes in how long headers took. A rise counts at once, a fall little by little. */
export function measure(gauge: Gauge, tookMs: number, now: number): void {
  // A clock that stands still between two awaits may say 0, which means "not measured".
  const latencyMs = Math.max(tookMs, MIN_LATENCY_MS)
  if (latencyMs >= gauge.latencyMs || gauge.latencyMs === 0) gauge.latencyMs = latencyMs
  else {
    const kept = Math.exp(-Math.max(0, now - gauge.measuredAt) / DECAY_MS)
    gauge.latencyMs = gauge.latencyMs * kept + latencyMs * (1 - kept)
  }
  gauge.measuredAt = now
}

const MIN_LATENCY_MS = 0.1

/** Takes in a call that failed: a target that refuses at once is not the fastest. */
export function measureFailure(gauge: Gauge, tookMs: number, now: number): void {
  measure(gauge, Math.max(tookMs, FAILURE_MS, 2 * gauge.latencyMs), now)
}

const FAILURE_MS = 1_000
const MAX_LATENCY_MS = 60_000

/** What the next call may cost: latency, as much of it as is still believed, times the queue in front of it. */
export function costOf(gauge: Gauge, now: number): number {
  const queue = inFlightOf(gauge, now)
  // Not measured yet: one call finds out, the others rather go where something is known.
  if (gauge.latencyMs === 0) return queue === 0 ? 0 : MAX_LATENCY_MS * queue
  const kept = Math.exp(-Math.max(0, now - gauge.measuredAt) / DECAY_MS)
  return Math.min(gauge.latencyMs, MAX_LATENCY_MS) * kept * (queue + 1)
}
