/** Health as the upstream's object holds it: one prober for the fleet, or for a part of the world. */
import type { FleetPart } from '../state/part.ts'
import {
  absorb,
  begin,
  type HealthKept,
  type HealthState,
  hear,
  list,
  nextRound,
  type Round,
  reset,
  type TargetHealth,
  touch,
} from './core.ts'
import { probeAll } from './probe.ts'
import type { HealthRules } from './rules.ts'

/** Isolate → object. */
export interface HealthWord {
  /** Which targets there are; null where the object knows them, as its last answer said. */
  readonly targets: readonly string[] | null
  readonly listName: number
}

/** Object → isolate. */
export interface HealthView {
  readonly unhealthy: readonly string[]
  /** Of the list that it knows. */
  readonly listName: number
}

export const healthPart: FleetPart<
  HealthRules,
  HealthWord,
  HealthState,
  HealthView,
  HealthKept,
  Round
> = {
  begin: (kept) => begin(kept),

  exchange(state, { tally, word }, { now }) {
    let next = touch(state, now)
    if (word !== null && word.targets !== null && word.listName !== state.listName) {
      next = list(next, { targets: word.targets, listName: word.listName }, now)
    }
    next = hear(next, tally?.targets ?? [], now)
    return { state: next, view: { unhealthy: unhealthyOf(next), listName: next.listName } }
  },

  keep(state) {
    const { targets, listName, activeUntil } = state
    if (targets.length === 0) return null
    return { targets, listName, activeUntil, unhealthy: unhealthyOf(state) }
  },

  command: (state, command) => (command.kind === 'reset' ? reset(state) : { state }),

  show: (state) => listedOf(state).map(shown),

  wakeAt: (state) => nextRound(state),

  async work({ targets }, { options, now }, io) {
    return { results: await probeAll(targets, options, io), startedAt: now }
  },

  absorb: (state, round, context) => absorb(state, round, context.options, context),
}

function listedOf({ targets, records }: HealthState): readonly TargetHealth[] {
  const listed = new Set(targets)
  return records.filter(({ target }) => listed.has(target))
}

function unhealthyOf(state: HealthState): readonly string[] {
  return listedOf(state)
    .filter(({ unhealthy }) => unhealthy)
    .map(({ target }) => target)
}

function shown({ target, unhealthy, failing, result, probedAt }: TargetHealth) {
  return {
    target,
    healthy: !unhealthy,
    /** Where the two differ, real calls find it well. */
    probesFail: failing,
    lastProbe: result,
    probedAt: probedAt === null ? null : new Date(probedAt).toISOString(),
  }
}
