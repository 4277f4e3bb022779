/**
 * Which targets of an upstream are ejected, for the whole fleet (Envoy's outlier detection). State is plain data that
 * only grows by targets that fail; `now` is an argument.
 */
import type { Notice } from '../state/part.ts'
import type { TargetTally } from '../state/tally.ts'
import { type Counts, judgeShares, type ShareReason } from './outliers-core.ts'
import { type EjectionRules, ejectionMs } from './rules.ts'

export interface TargetRecord extends Counts {
  readonly target: string
  /** Failures since the last success, as far as reports tell their order. */
  readonly failuresInRow: number
  /** When the ejection is over or was over; 0 was never ejected. */
  readonly until: number
  readonly ejected: boolean
  /** How often it was ejected, less one for each interval without. */
  readonly times: number
}

export interface EjectionState {
  readonly targets: readonly TargetRecord[]
  /** When the shares of this interval began to be counted. */
  readonly countedSince: number
}

export type EjectionReason = 'consecutive-failures' | ShareReason

export interface EjectionChange {
  readonly state: EjectionState
  readonly notices: readonly Notice[]
}

/** Envoy's `interval`: how long shares are counted, and after how long one earlier ejection is forgotten. */
export const INTERVAL_MS = 10_000

/** Takes in what one isolate reports; `ejected` are the targets that it ejected itself. */
export function report(
  state: EjectionState,
  said: { readonly tallies: readonly TargetTally[]; readonly ejected: readonly string[] },
  rules: EjectionRules,
  now: number,
): EjectionChange {
  const settled = settle(state, now)
  const records = new Map(settled.state.targets.map((record) => [record.target, record]))
  for (const tally of said.tallies) {
    records.set(tally.target, count(records.get(tally.target) ?? fresh(tally.target), tally))
  }
  const suspects = new Map<string, EjectionReason>()
  for (const target of said.ejected) suspects.set(target, 'consecutive-failures')
  for (const { target, failuresInRow } of records.values()) {
    const limit = rules.consecutiveFailures
    if (limit > 0 && failuresInRow >= limit) suspects.set(target, 'consecutive-failures')
  }
  const isOver = now - settled.state.countedSince >= INTERVAL_MS
  if (isOver) {
    const outliers = judgeShares([...records.values()].filter(isIn), rules)
    for (const [target, reason] of outliers) {
      if (!suspects.has(target)) suspects.set(target, reason)
    }
  }
  const notices = [...settled.notices, ...eject(records, suspects, rules, now)]
  const targets = [...records.values()].map((record) => (isOver ? uncount(record) : record))
  return {
    state: {
      targets: targets.filter((record) => isWorthKeeping(record, now)).slice(0, MAX_RECORDS),
      countedSince: isOver ? now : settled.state.countedSince,
    },
    notices,
  }
}

const MAX_RECORDS = 1_000 // As many targets as an upstream may have.

/** Ends what is over. */
export function settle(state: EjectionState, now: number): EjectionChange {
  const notices: Notice[] = []
  const targets = state.targets.map((record) => {
    if (!record.ejected || now < record.until) return record
    notices.push(returned(record.target, 'time-over'))
    return { ...record, ejected: false }
  })
  return notices.length === 0 ? { state, notices } : { state: { ...state, targets }, notices }
}

/** Brings all targets back and forgets what they did: an operator said so. */
export function reset(state: EjectionState, now: number): EjectionChange {
  const out = state.targets.filter(({ ejected }) => ejected)
  return {
    state: { targets: [], countedSince: now },
    notices: out.map(({ target }) => returned(target, 'reset')),
  }
}

function returned(target: string, reason: string): Notice {
  return {
    notice: 'ejection',
    from: 'ejected',
    to: 'usable',
    reason,
    forSeconds: null,
    target,
  }
}

function eject(
  records: Map<string, TargetRecord>,
  suspects: ReadonlyMap<string, EjectionReason>,
  rules: EjectionRules,
  now: number,
): Notice[] {
  let out = [...records.values()].filter(({ ejected }) => ejected).length
  const notices: Notice[] = []
  for (const [target, reason] of suspects) {
    const record = records.get(target) ?? fresh(target)
    // What was on its way when the target was ejected does not eject it twice.
    if (record.ejected || out >= rules.most) continue
    const times = timesNow(record, now)
    const ms = ejectionMs(rules, times)
    out += 1
    const until = now + ms
    records.set(target, { ...fresh(target), until, ejected: true, times: times + 1 })
    notices.push({
      notice: 'ejection',
      from: 'usable',
      to: 'ejected',
      reason,
      forSeconds: Math.ceil(ms / 1000),
      target,
    })
  }
  return notices
}

function fresh(target: string): TargetRecord {
  return {
    target,
    failuresInRow: 0,
    until: 0,
    ejected: false,
    times: 0,
    succeeded: 0,
    failed: 0,
  }
}

function count(record: TargetRecord, tally: TargetTally): TargetRecord {
  // Calls that were on their way, or that a cookie or panic sent there, say nothing new.
  if (record.ejected) return record
  const { succeeded, failed, failuresInRow } = tally
  return {
    ...record,
    succeeded: record.succeeded + succeeded,
    failed: record.failed + failed,
    failuresInRow: succeeded > 0 ? Math.min(failed, failuresInRow) : record.failuresInRow + failed,
  }
}

function uncount(record: TargetRecord): TargetRecord {
  return { ...record, succeeded: 0, failed: 0 }
}

function isIn({ ejected }: TargetRecord): boolean {
  return !ejected
}

/** The ejections that still count: one is forgotten for each interval since the last was over. */
export function timesNow({ times, until, ejected }: TargetRecord, now: number): number {
  return ejected ? times : Math.max(0, times - Math.floor(Math.max(0, now - until) / INTERVAL_MS))
}

function isWorthKeeping(record: TargetRecord, now: number): boolean {
  if (record.ejected || record.failuresInRow > 0) return true
  return record.succeeded + record.failed > 0 || now - record.until < REMEMBERED_MS
}

/** For as long isolates are told that a target came back, so that those that begin start it slowly too. */
const REMEMBERED_MS = 300_000
