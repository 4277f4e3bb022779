/**
 * The breaker as one isolate sees it: the fleet's last word, and the isolate's own view, which answers for the
 * moments until the next word and for the time in which the object cannot be reached. Plain data, changed in place.
 */
import type { Hearing, LinkPart } from '../state/part.ts'
import {
  absorb,
  type BreakerRules,
  type BreakerState,
  closedBreaker,
  grant,
  type Moment,
  open,
  type Phase,
  type ProbeOutcome,
  pass,
  rampShare,
  settle,
  tripReason,
} from './core.ts'
import { type BreakerView, type BreakerWord, TOKEN_MS } from './part.ts'

export interface LocalBreaker {
  /** What the object said last; null before its first word. */
  fleet: FleetWord | null
  readonly own: BreakerState
  /** Tokens that were granted and not spent yet. */
  tokens: { readonly token: string; readonly spendBefore: number }[]
  /** How probes ended, to be told with the next message. */
  ended: ProbeOutcome[]
  wants: number
  probeMs: number
  /** Requests that ask for a probe now, by the time after which they count as gone. */
  asking: number[]
  /** The object did not answer: until then it is not waited for again; null while it answers. */
  faultUntil: number | null
  /** How often it was seen to open: what began before tells nothing new. */
  openings: number
  /** What this isolate saw would open the breaker, if it were all that the fleet saw. */
  isSuspect: boolean
}

interface FleetWord {
  readonly phase: Phase
  readonly forced: 'open' | 'closed' | null
  readonly era: number
  readonly until: number | null
  /** When it was asked for: an older word does not take the place of a newer one. */
  readonly sentAt: number
}

export type Decision =
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly retryAfterMs: number }
  /** The call is a probe, and how it ended has to be told. */
  | { readonly kind: 'probe'; readonly token: string }
  /** The object has to be asked for a probe first. */
  | { readonly kind: 'ask' }

const passed: Decision = Object.freeze({ kind: 'passed' })
const ask: Decision = Object.freeze({ kind: 'ask' })

const SOON_MS = 1_000 // when nobody knows better

// A forced state ends when an operator says so: clients come back now and then.
const FORCED_RETRY_MS = 5_000

/** How long the object is not waited for again after it did not answer. */
export const FAULT_MS = 5_000

// More than any fleet probes with: the rest would be news of a phase that is over.
const MAX_ENDED = 100

export const breakerLink: LinkPart<BreakerRules, BreakerWord, BreakerView, LocalBreaker> = {
  start: () => ({
    fleet: null,
    own: closedBreaker(0),
    tokens: [],
    ended: [],
    wants: 0,
    probeMs: 0,
    asking: [],
    faultUntil: null,
    openings: 0,
    isSuspect: false,
  }),

  say(local, now) {
    for (const { token, spendBefore } of local.tokens) {
      if (spendBefore <= now) end(local, { token, outcome: 'abandoned', retryAfterSeconds: null })
    }
    local.tokens = local.tokens.filter(({ spendBefore }) => spendBefore > now)
    if (local.fleet === null && local.wants === 0) return null
    const { ended: probes, wants, probeMs } = local
    const word = { era: local.fleet?.era ?? 0, probes, wants, probeMs }
    local.ended = []
    local.wants = 0
    return word
  },

  unsay(local, { probes }) {
    // What was wanted is not any more: whoever asked was answered.
    for (const probe of probes) end(local, probe)
  },

  missed(local, now) {
    local.faultUntil = now + FAULT_MS
  },

  learn(local, { failed, slow, retryAfterSeconds }, { options, now, fraction }) {
    const { own, fleet } = local
    const counts = { succeeded: failed ? 0 : 1, failed: failed ? 1 : 0, slow: slow ? 1 : 0 }
    absorb(own, { ...counts, failuresInRow: counts.failed, retryAfterSeconds }, options, now)
    local.isSuspect = false
    if (fleet !== null && fleet.forced !== null) return false
    // A success makes nothing worse but by its slowness.
    if (!failed && !slow) return false
    const reason = tripReason(own, options, now)
    local.isSuspect = reason !== null
    if (reason === null) return false
    // The share of failures is the fleet's to judge, as long as it can be asked: here it may be chance.
    if (reason !== 'consecutive-failures' && local.faultUntil === null) return false
    open(own, reason, options, { now, fraction: fraction() })
    local.openings += 1
    return true
  },

  suspects: ({ isSuspect }) => isSuspect,

  hear(local, view, hearing) {
    for (const token of view.tokens) {
      local.tokens.push({ token, spendBefore: hearing.sentAt + TOKEN_MS })
    }
    const { fleet, own } = local
    if (fleet !== null && hearing.sentAt < fleet.sentAt) return
    local.faultUntil = null
    const wasOpen = fleet?.phase === 'open' || own.phase === 'open'
    if (view.phase === 'open' && !wasOpen) local.openings += 1
    local.fleet = wordOf(view, hearing)
    // The object knew what made this isolate open, and says what it means for the fleet.
    if (own.phase !== 'closed' && hearing.sentAt >= own.since) {
      Object.assign(own, closedBreaker(hearing.now))
    }
  },
}

function wordOf(view: BreakerView, { sentAt, now, options }: Hearing<BreakerRules>): FleetWord {
  const { phase, forced, era, forMs } = view
  // From when the answer came: counted from when it was asked for, a probe would be asked for too early.
  const until = forMs === null ? null : now + Math.min(forMs, options.maxOpenMs + options.rampMs)
  return { phase, forced, era, until, sentAt }
}

/** What becomes of the next call, and what it may need to know for it. */
interface Asking extends Moment {
  nonce(): string
  /** Where the fleet's word is needed and cannot be had, the answer stays `ask`. */
  readonly isDenying: boolean
}

/** What becomes of the next call. Takes a token where one is needed and there. */
export function decide(local: LocalBreaker, rules: BreakerRules, asking: Asking): Decision {
  const { fleet } = local
  const { now, fraction, isDenying } = asking
  if (fleet === null) {
    if (isDenying) return ask
  } else if (fleet.forced !== null) {
    return fleet.forced === 'closed' ? passed : refused(FORCED_RETRY_MS)
  } else if (fleet.phase === 'open' || fleet.phase === 'half-open') {
    const token = takeToken(local, now)
    if (token !== null) return { kind: 'probe', token }
    if (fleet.until !== null && now < fleet.until) return refused(fleet.until - now)
    if (isDenying || local.faultUntil === null || now >= local.faultUntil) return ask
  } else if (fleet.phase === 'ramping' && fleet.until !== null && now < fleet.until) {
    if (fraction >= rampShare(fleet.until - now, rules.rampMs)) return refused(SOON_MS)
  }
  return local.own.phase === 'closed' ? passed : decideAlone(local, rules, asking)
}

function decideAlone(
  { own }: LocalBreaker,
  rules: BreakerRules,
  { now, fraction, nonce }: Asking,
): Decision {
  pass(own, now)
  switch (own.phase) {
    case 'closed':
      return passed
    case 'open':
      return refused((own.until ?? now) - now)
    case 'half-open': {
      const wanted = { count: 1, expiresAt: now + OWN_PROBE_MS, nonce: OWN + nonce() }
      const [token] = grant(own, wanted, rules)
      return token === undefined ? refused(SOON_MS) : { kind: 'probe', token }
    }
    case 'ramping':
      return fraction < rampShare((own.until ?? now) - now, rules.rampMs)
        ? passed
        : refused(SOON_MS)
  }
}

const OWN = 'own.'
const OWN_PROBE_MS = 30_000 // a probe that never ends, as its client left, comes back

function refused(retryAfterMs: number): Decision {
  return { kind: 'refused', retryAfterMs }
}

function takeToken(local: LocalBreaker, now: number): string | null {
  while (local.tokens.length > 0) {
    const first = local.tokens.shift()
    if (first === undefined) break
    if (first.spendBefore > now) return first.token
    end(local, { token: first.token, outcome: 'abandoned', retryAfterSeconds: null })
  }
  return null
}

/** A probe ended: true where the object has to hear of it. */
export function concludeProbe(
  local: LocalBreaker,
  probe: ProbeOutcome,
  rules: BreakerRules,
  moment: Moment,
): boolean {
  if (probe.token.startsWith(OWN)) {
    settle(local.own, probe, rules, moment)
    return false
  }
  end(local, probe)
  return true
}

function end(local: LocalBreaker, probe: ProbeOutcome): void {
  local.ended.push(probe)
  if (local.ended.length > MAX_ENDED) local.ended.shift()
}
