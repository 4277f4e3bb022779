/** How much an upstream can take, as its object holds it for the whole fleet. */
import type { FleetPart, Notice } from '../state/part.ts'
import type { UpstreamTally } from '../state/tally.ts'
import {
  isOver,
  learnBest,
  type Measure,
  nothing,
  open,
  type Reading,
  read,
  type Standing,
  type Step,
  step,
  type Throttle,
} from './core.ts'
import { type AdaptiveRules, keyOf } from './rules.ts'
import { add, type ByPriority, noArrivals, remember, sharesOf } from './shares-core.ts'

/** What a table asks of one upstream; each of the rules once. */
export interface AdaptiveAsked {
  readonly rules: readonly AdaptiveRules[]
}

export interface AdaptiveState {
  /** When this interval began, milliseconds since 1970. */
  readonly since: number
  readonly measure: Measure
  /** Who came within this interval, and what is remembered of those before. */
  readonly arrived: ByPriority
  readonly mix: ByPriority
  readonly bestMs: number | null
  /** Of the last interval that said anything. */
  readonly last: Reading | null
  /** By the names of rules. */
  readonly throttles: Readonly<Record<string, Throttle>>
}

/** Isolate → object: the requests that came since its last word, the refused ones too. */
export interface AdaptiveWord {
  readonly arrived: ByPriority
}

/** Object → isolate: what is let through, by the names of rules; those under which all is let through are left out. */
export interface AdaptiveView {
  readonly shares: Readonly<Record<string, ByPriority>>
}

/** The best latency alone: a restart under load would take what is slow for the best. */
export interface AdaptiveKept {
  readonly bestMs: number
}

// Two tables at a time while a new one comes into force, and few rules in each.
const MOST_THROTTLES = 16

export const adaptivePart: FleetPart<
  AdaptiveAsked,
  AdaptiveWord,
  AdaptiveState,
  AdaptiveView,
  AdaptiveKept
> = {
  begin: (kept, now) => ({
    since: now,
    measure: nothing,
    arrived: noArrivals,
    mix: noArrivals,
    bestMs: kept?.bestMs ?? null,
    last: null,
    throttles: {},
  }),

  exchange(state, { tally, word }, { options, now }) {
    const counted: AdaptiveState = {
      ...state,
      measure: tally === null ? state.measure : count(state.measure, tally),
      arrived: word === null ? state.arrived : add(state.arrived, word.arrived),
    }
    const turn = isOver(counted.measure, now - state.since)
      ? conclude(counted, options, now)
      : { state: counted, notices: [] }
    return { ...turn, view: viewOf(turn.state, options) }
  },

  keep({ bestMs }) {
    // Two digits: what only wavers is not written.
    return bestMs === null ? null : { bestMs: Number(bestMs.toPrecision(2)) }
  },

  show({ throttles, last, bestMs }, { options }) {
    return options.rules.map((rules) => ({
      admittedPercent: Math.round(100 * throttleOf(throttles, rules).factor),
      latencyMs: last?.latencyMs == null ? null : Math.round(last.latencyMs),
      bestLatencyMs: bestMs === null ? null : Math.round(bestMs),
      failedPercent: last === null ? null : Math.round(100 * last.failedShare),
    }))
  },

  command(state, command, { now }) {
    if (command.kind !== 'reset') return { state }
    return { state: { ...adaptivePart.begin(null, now), mix: state.mix } }
  },
}

function throttleOf(throttles: AdaptiveState['throttles'], rules: AdaptiveRules): Throttle {
  return throttles[keyOf(rules)] ?? open
}

function count(measure: Measure, { targets }: UpstreamTally): Measure {
  let { tries, failed, answered, latencySumMs } = measure
  for (const target of targets) {
    const both = target.succeeded + target.failed
    tries += both
    failed += target.failed
    if (target.latencyMs === null) continue
    // How many of the failed ones were answered is not told; of a target that answers at all most were.
    answered += both
    latencySumMs += both * target.latencyMs
  }
  return { tries, failed, answered, latencySumMs }
}

function conclude(state: AdaptiveState, { rules }: AdaptiveAsked, now: number) {
  const ageMs = now - state.since
  const reading = read(state.measure)
  const finding = { reading, before: state.last, bestMs: state.bestMs, ageMs, now }
  const isFull = Object.keys(state.throttles).length > MOST_THROTTLES
  const throttles: Record<string, Throttle> = isFull ? {} : { ...state.throttles }
  const notices: Notice[] = []
  for (const one of rules) {
    const before = throttleOf(state.throttles, one)
    const stepped = step(before, finding, one)
    throttles[keyOf(one)] = stepped.throttle
    notices.push(...noticeOf(before.factor, stepped))
  }
  const next: AdaptiveState = {
    since: now,
    measure: nothing,
    arrived: noArrivals,
    mix: remember(state.mix, state.arrived),
    bestMs: learnBest(state.bestMs, reading, standingOf(rules, state.throttles), ageMs),
    last: reading ?? state.last,
    throttles,
  }
  return { state: next, notices }
}

function noticeOf(before: number, { throttle, reason }: Step): readonly Notice[] {
  if (before >= 1 && reason !== null) return [notice('full', 'reduced', reason)]
  return before < 1 && throttle.factor >= 1 ? [notice('reduced', 'full', 'recovered')] : []
}

function notice(from: string, to: string, reason: string): Notice {
  return { notice: 'capacity', from, to, reason, forSeconds: null }
}

/** Where the most lenient of the rules stand: what they let through is what the upstream feels. */
function standingOf(
  rules: readonly AdaptiveRules[],
  throttles: AdaptiveState['throttles'],
): Standing {
  const standings = rules.map((one) => {
    const { factor } = throttleOf(throttles, one)
    return factor >= 1 ? 'full' : factor <= one.least ? 'least' : 'between'
  })
  if (standings.every((one) => one === 'full')) return 'full'
  return standings.every((one) => one === 'least') ? 'least' : 'between'
}

function viewOf({ throttles, mix }: AdaptiveState, { rules }: AdaptiveAsked): AdaptiveView {
  const shares: Record<string, ByPriority> = {}
  for (const one of rules) {
    const { factor } = throttleOf(throttles, one)
    if (factor < 1) shares[keyOf(one)] = sharesOf(factor, mix)
  }
  return { shares }
}
