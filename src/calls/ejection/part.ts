/** Ejection as the upstream's object holds it, for the whole fleet. */
import type { FleetPart } from '../state/part.ts'
import { type EjectionState, report, reset, settle, type TargetRecord, timesNow } from './core.ts'
import type { EjectionRules } from './rules.ts'

/** Isolate → object: the targets that it ejected itself since its last word. */
export interface EjectionWord {
  readonly ejected: readonly string[]
}

export interface EjectionStanding {
  readonly target: string
  /** How long it stays ejected; 0 or less: it came back so long ago. */
  readonly forMs: number
  /** The ejections that count for how long the next one lasts. */
  readonly times: number
}

/** Object → isolate: every target that is ejected, or came back a short while ago. */
export interface EjectionView {
  readonly standings: readonly EjectionStanding[]
}

export const ejectionPart: FleetPart<
  EjectionRules,
  EjectionWord,
  EjectionState,
  EjectionView,
  EjectionState
> = {
  begin: (kept, now) => kept ?? { targets: [], countedSince: now },

  exchange(state, { tally, word }, { options, now }) {
    const said = { tallies: tally?.targets ?? [], ejected: word?.ejected ?? [] }
    const changed = report(state, said, options, now)
    return { ...changed, view: viewOf(changed.state, now) }
  },

  keep({ targets }) {
    // Counts change with each report: they begin anew after a sleep.
    const kept = targets.filter(({ ejected }) => ejected).map(bare)
    return kept.length === 0 ? null : { targets: kept, countedSince: 0 }
  },

  command(state, command, { now }) {
    return command.kind === 'reset' ? reset(state, now) : { state }
  },

  show({ targets }, { now }) {
    return targets.filter(({ until }) => until > 0).map((record) => shown(record, now))
  },

  wakeAt({ targets }) {
    const ends = targets.filter(({ ejected }) => ejected).map(({ until }) => until)
    return ends.length === 0 ? null : Math.min(...ends)
  },

  wake(state, { now }) {
    return settle(state, now)
  },
}

function bare(record: TargetRecord): TargetRecord {
  return { ...record, succeeded: 0, failed: 0, failuresInRow: 0 }
}

function viewOf({ targets }: EjectionState, now: number): EjectionView {
  const known = targets.filter(({ until }) => until > 0)
  return {
    standings: known.map((record) => ({
      target: record.target,
      forMs: record.until - now,
      times: timesNow(record, now),
    })),
  }
}

function shown(record: TargetRecord, now: number) {
  return {
    target: record.target,
    ejected: record.ejected,
    forSeconds: record.ejected ? Math.max(0, Math.ceil((record.until - now) / 1000)) : null,
    ejections: timesNow(record, now),
  }
}
