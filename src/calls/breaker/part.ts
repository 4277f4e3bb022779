/** The breaker as the upstream's object holds it, for the whole fleet: what reports do to it, who may probe. */
import type { FleetPart, Notice, PartContext, Turn } from '../state/part.ts'
import {
  absorb,
  type BreakerRules,
  type BreakerState,
  type Change,
  closedBreaker,
  force,
  grant,
  open,
  type Phase,
  type ProbeOutcome,
  pass,
  reset,
  settle,
  tripReason,
} from './core.ts'
import { outcomesOf } from './outcomes.ts'
import { sum } from './window-core.ts'

/** Isolate → object. */
export interface BreakerWord {
  /** The last that it heard of: what it counted in an older one says nothing any more. */
  readonly era: number
  readonly probes: readonly ProbeOutcome[]
  /** How many probes it could send now. */
  readonly wants: number
  /** How long one of them may take at most, milliseconds. */
  readonly probeMs: number
}

/** Object → isolate. */
export interface BreakerView {
  readonly phase: Phase
  readonly forced: 'open' | 'closed' | null
  /** By the object's clock, and compared with nothing but itself. */
  readonly era: number
  /** Open: until probes can go. Half-open: ask again then. Ramping: until all calls go. Null while closed. */
  readonly forMs: number | null
  /** Each lets one call through: within `TOKEN_MS` from when it was asked for. */
  readonly tokens: readonly string[]
}

/** A token that was not spent by then is given back unspent. */
export const TOKEN_MS = 2_000

const MARGIN_MS = 1_000 // for clocks that run unevenly, and for the way of the outcome

const ASK_AGAIN_MS = 1_000 // while others probe

// A table in which calls have no limit of time: what takes longer is another isolate's turn.
const MAX_PROBE_MS = 120_000

export const breakerPart: FleetPart<
  BreakerRules,
  BreakerWord,
  BreakerState,
  BreakerView,
  BreakerState
> = {
  begin: (kept, now) => kept ?? closedBreaker(now),

  exchange(state, { tally, word }, context) {
    const { options, now, nonce } = context
    const changes = [...pass(state, now)]
    if (tally !== null && (word === null || word.era >= state.era)) {
      absorb(state, outcomesOf(tally), options, now)
      const reason = tripReason(state, options, now)
      if (reason !== null) changes.push(open(state, reason, options, context))
    }
    for (const probe of word?.probes ?? []) changes.push(...settle(state, probe, options, context))
    const probeMs = Math.min(word?.probeMs ?? 0, MAX_PROBE_MS)
    const tokens = grant(
      state,
      { count: word?.wants ?? 0, expiresAt: now + TOKEN_MS + probeMs + MARGIN_MS, nonce },
      options,
    )
    return { state, view: viewOf(state, tokens, context), notices: changes.map(noticeOf) }
  },

  keep(state) {
    // A closed breaker forgets its window when the object sleeps: nothing failed for a minute then.
    if (state.phase === 'closed' && state.forced === null) return null
    return { ...state, window: [] }
  },

  command(state, command, { now }): Turn<BreakerState> {
    const changes = command.kind === 'force' ? force(state, command.state, now) : reset(state, now)
    return { state, notices: changes.map(noticeOf) }
  },

  show(state, { options, now }: PartContext<BreakerRules>) {
    const { succeeded, failed, slow } = sum(state.window, options.windowMs, now)
    const { phase, forced, until, probes, passed, failuresInRow } = state
    return {
      state: phase,
      forced,
      since: new Date(state.since).toISOString(),
      forSeconds: until === null ? null : Math.max(0, Math.ceil((until - now) / 1000)),
      window: { requests: succeeded + failed, failed, slow },
      failuresInRow,
      probes: { underWay: probes.length, succeeded: passed, of: options.halfOpenProbes },
    }
  },
}

function viewOf(
  state: BreakerState,
  tokens: readonly string[],
  { options, now }: PartContext<BreakerRules>,
): BreakerView {
  const { phase, forced, era, until, probes, passed } = state
  if (phase === 'half-open') {
    const hasRoom = probes.length + passed < options.halfOpenProbes
    return { phase, forced, era, forMs: hasRoom ? 0 : ASK_AGAIN_MS, tokens }
  }
  return { phase, forced, era, forMs: until === null ? null : until - now, tokens }
}

function noticeOf({ from, to, reason, forMs }: Change): Notice {
  const forSeconds = forMs === null ? null : Math.round(forMs / 100) / 10
  return { notice: 'breaker', from, to, reason, forSeconds }
}
