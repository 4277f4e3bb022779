/**
 * The breaker of an upstream: closed, open, half-open, ramping. A pure state machine over plain data; the same
 * functions run in the upstream's object for the fleet and in each isolate for its own fast path. They change the
 * state they are given, and tell each change of phase.
 */
import { type Counts, count, sum, type Window } from './window-core.ts'

export type Phase = 'closed' | 'open' | 'half-open' | 'ramping'

/** The options of the table with every default in place. */
export interface BreakerRules {
  readonly windowMs: number
  readonly minimumRequests: number
  readonly failurePercent: number
  /** Null: not counted. */
  readonly consecutiveFailures: number | null
  /** Null: slow calls are not counted. */
  readonly slowPercent: number | null
  readonly openMs: number
  readonly maxOpenMs: number
  readonly halfOpenProbes: number
  /** 0: all calls from the instant of closing. */
  readonly rampMs: number
}

export interface Probe {
  readonly token: string
  /** After this it can no longer be under way: its isolate is gone. */
  readonly expiresAt: number
}

export interface BreakerState {
  phase: Phase
  /** An operator's hand; it stands above the phase, which stands still meanwhile. */
  forced: 'open' | 'closed' | null
  since: number
  /** When it was last closed or taken in hand: outcomes of a time before are of another upstream, so to speak. */
  era: number
  /** When open ends, or the ramp; null in the other phases. */
  until: number | null
  /** How often it opened since it was last closed: open times grow with it. */
  openings: number
  readonly window: Window
  /** Failures since the last success. */
  failuresInRow: number
  /** What the upstream asked for with Retry-After, as a time; 0 for nothing. */
  notBefore: number
  /** Probes under way, at most `halfOpenProbes` together with `passed`. */
  probes: Probe[]
  /** Probes that succeeded in this half-open phase. */
  passed: number
}

export interface Change {
  readonly from: Phase | 'forced-open' | 'forced-closed'
  readonly to: Phase | 'forced-open' | 'forced-closed'
  readonly reason: Reason
  /** How long the new phase holds; null where nothing says. */
  readonly forMs: number | null
}

export type TripReason = 'consecutive-failures' | 'failure-rate' | 'slow-rate'
export type Reason =
  | TripReason
  | 'probe-failed'
  | 'open-time-over'
  | 'probes-succeeded'
  | 'ramp-over'
  | 'operator'

/** What reports say; `failuresInRow` at their end. */
export interface Outcomes extends Counts {
  readonly failuresInRow: number
  readonly retryAfterSeconds: number | null
}

export interface Moment {
  readonly now: number
  /** From 0 (included) to 1 (excluded): spreads the open times of many upstreams. */
  readonly fraction: number
}

export function closedBreaker(now: number): BreakerState {
  return {
    phase: 'closed',
    forced: null,
    since: now,
    era: 0,
    until: null,
    openings: 0,
    window: [],
    failuresInRow: 0,
    notBefore: 0,
    probes: [],
    passed: 0,
  }
}

/** Lets time pass: open becomes half-open, the ramp ends, probes of isolates that are gone come back. */
export function pass(state: BreakerState, now: number): readonly Change[] {
  if (state.probes.length > 0) {
    state.probes = state.probes.filter((probe) => probe.expiresAt > now)
  }
  if (state.forced !== null || state.until === null || now < state.until) return []
  if (state.phase === 'open')
    return [move(state, 'half-open', 'open-time-over', { now, forMs: null })]
  return [move(state, 'closed', 'ramp-over', { now, forMs: null })]
}

/** Takes in what calls came to. Calls that were under way when it opened tell nothing new: they are not counted. */
export function absorb(
  state: BreakerState,
  outcomes: Outcomes,
  rules: BreakerRules,
  now: number,
): void {
  if (state.forced !== null || state.phase === 'open' || state.phase === 'half-open') return
  count(state.window, outcomes, rules.windowMs, now)
  state.failuresInRow =
    outcomes.succeeded === 0
      ? state.failuresInRow + outcomes.failed
      : Math.min(outcomes.failuresInRow, outcomes.failed)
  noteRetryAfter(state, outcomes.retryAfterSeconds, now)
}

/** Why it has to open, or null. Below the minimum volume only failures in a row count. */
export function tripReason(
  state: BreakerState,
  rules: BreakerRules,
  now: number,
): TripReason | null {
  if (state.forced !== null || state.phase === 'open' || state.phase === 'half-open') return null
  const { consecutiveFailures, slowPercent } = rules
  if (consecutiveFailures !== null && state.failuresInRow >= consecutiveFailures) {
    return 'consecutive-failures'
  }
  const { succeeded, failed, slow } = sum(state.window, rules.windowMs, now)
  const total = succeeded + failed
  if (total < rules.minimumRequests) return null
  if (100 * failed >= rules.failurePercent * total) return 'failure-rate'
  if (slowPercent !== null && 100 * slow >= slowPercent * total) return 'slow-rate'
  return null
}

/**
 * Opens for `openMs` at first, then twice as long for each opening since it was closed, ±10 % so that breakers that
 * opened together do not probe together for ever, or as long as Retry-After asks.
 */
export function open(
  state: BreakerState,
  reason: TripReason | 'probe-failed',
  rules: BreakerRules,
  { now, fraction }: Moment,
): Change {
  // 2^20 is above every bound: more would only lose digits.
  const grown = rules.openMs * 2 ** Math.min(state.openings, 20)
  const jitter = state.openings === 0 ? 1 : 0.9 + 0.2 * fraction
  const spread = Math.min(grown, rules.maxOpenMs) * jitter
  const asked = Math.min(state.notBefore - now, rules.maxOpenMs)
  // The bound is one also where chance adds a tenth.
  const forMs = Math.round(Math.min(Math.max(spread, asked), rules.maxOpenMs))
  state.openings += 1
  state.notBefore = 0
  return move(state, 'open', reason, { now, forMs })
}

/** Gives up to `wanted` tokens; each lets one call through, and counts as under way until `expiresAt`. */
export function grant(
  state: BreakerState,
  wanted: { readonly count: number; readonly expiresAt: number; readonly nonce: string },
  rules: BreakerRules,
): readonly string[] {
  if (state.forced !== null || state.phase !== 'half-open') return []
  const room = rules.halfOpenProbes - state.probes.length - state.passed
  const { count: wantedCount, expiresAt, nonce } = wanted
  const tokens: string[] = []
  for (let index = 0; index < Math.min(room, wantedCount); index += 1) {
    const token = `${nonce}.${index}`
    tokens.push(token)
    state.probes.push({ token, expiresAt })
  }
  return tokens
}

export interface ProbeOutcome {
  readonly token: string
  /** Abandoned: not sent, or its client left. It comes back, and says nothing. */
  readonly outcome: 'succeeded' | 'failed' | 'abandoned'
  readonly retryAfterSeconds: number | null
}

/** Takes in how a probe ended: one failure opens again, `halfOpenProbes` successes close. */
export function settle(
  state: BreakerState,
  { token, outcome, retryAfterSeconds }: ProbeOutcome,
  rules: BreakerRules,
  moment: Moment,
): readonly Change[] {
  const { now } = moment
  // One that came back by its time, or of an earlier phase, says nothing any more.
  if (!state.probes.some((probe) => probe.token === token)) return []
  state.probes = state.probes.filter((probe) => probe.token !== token)
  if (outcome === 'abandoned') return []
  if (outcome === 'failed') {
    noteRetryAfter(state, retryAfterSeconds, now)
    return [open(state, 'probe-failed', rules, moment)]
  }
  state.passed += 1
  if (state.passed < rules.halfOpenProbes) return []
  if (rules.rampMs === 0) return [move(state, 'closed', 'probes-succeeded', { now, forMs: null })]
  return [move(state, 'ramping', 'probes-succeeded', { now, forMs: rules.rampMs })]
}

/** An operator's hand holds it open or closed until it is reset. */
export function force(state: BreakerState, to: 'open' | 'closed', now: number): readonly Change[] {
  if (state.forced === to) return []
  const change: Change = { from: named(state), to: `forced-${to}`, reason: 'operator', forMs: null }
  Object.assign(state, closedBreaker(now), { forced: to, era: now })
  return [change]
}

/** Closed as on the first day: nothing forced, nothing counted. */
export function reset(state: BreakerState, now: number): readonly Change[] {
  const from = named(state)
  Object.assign(state, closedBreaker(now), { era: now })
  return from === 'closed' ? [] : [{ from, to: 'closed', reason: 'operator', forMs: null }]
}

/** The share of calls that go through while it ramps up, when `leftMs` of the ramp are left. */
export function rampShare(leftMs: number, rampMs: number): number {
  // Never none: without calls nothing would be learnt.
  return Math.max(0.05, 1 - leftMs / rampMs)
}

function named(state: BreakerState): Change['from'] {
  return state.forced === null ? state.phase : `forced-${state.forced}`
}

function noteRetryAfter(state: BreakerState, seconds: number | null, now: number): void {
  if (seconds !== null) state.notBefore = Math.max(state.notBefore, now + 1000 * seconds)
}

function move(
  state: BreakerState,
  to: Phase,
  reason: Reason,
  { now, forMs }: { readonly now: number; readonly forMs: number | null },
): Change {
  const from = state.phase
  state.phase = to
  state.since = now
  state.until = forMs === null ? null : now + forMs
  state.probes = []
  state.passed = 0
  state.failuresInRow = 0
  state.window.length = 0
  if (to === 'closed') state.openings = 0
  if (from === 'half-open' && to !== 'open') state.era = now
  return { from, to, reason, forMs }
}
