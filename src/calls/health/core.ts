/**
 * Which targets are healthy, as probes find them and real calls: thresholds, who is believed, and when the next round
 * begins. State is plain data, bounded by the targets that isolates tell; `now` and chance are arguments.
 */
import type { Notice } from '../state/part.ts'
import type { TargetTally } from '../state/tally.ts'
import type { HealthRules } from './rules.ts'

/** `ok`, or why a probe failed, in kebab-case. */
export type ProbeResult = string

export interface TargetHealth {
  readonly target: string
  /** What probes alone say. */
  readonly failing: boolean
  /** What isolates are told. */
  readonly unhealthy: boolean
  /** Probes in a row that speak against `failing`. */
  readonly against: number
  /** The last probe; null before the first. */
  readonly result: ProbeResult | null
  readonly probedAt: number | null
  /** When real calls last found it well; null where they do not. */
  readonly goodAt: number | null
  /** When it was last among the targets. */
  readonly listedAt: number
}

export interface HealthState {
  /** Of those that are to be probed, in the order in which they were told; and how the isolates name the list. */
  readonly targets: readonly string[]
  readonly listName: number
  readonly records: readonly TargetHealth[]
  readonly nextAt: number
  /** Until when targets are probed although nobody reports. */
  readonly activeUntil: number
}

export interface HealthChange {
  readonly state: HealthState
  readonly notices: readonly Notice[]
}

export interface HealthKept {
  readonly targets: readonly string[]
  readonly listName: number
  readonly activeUntil: number
  /** Those that were unhealthy: after a restart they have to prove themselves. */
  readonly unhealthy: readonly string[]
}

/** After the last report of an isolate (issue 5: from the first request until 10 minutes after the last). */
export const ACTIVE_MS = 600_000
/** Told to the storage in steps, so that a busy upstream costs one write in so long. */
const ACTIVE_STEP_MS = 60_000
/** A target that left the list and comes back within this is known still: tables and lists change in turn. */
const REMEMBERED_MS = 60_000
/** How long a good word of real calls counts at least: isolates report every 5 s. */
const LEAST_VOUCH_MS = 30_000

export function begin(kept: HealthKept | null): HealthState {
  const unhealthy = new Set(kept?.unhealthy ?? [])
  const targets = kept?.targets ?? []
  return {
    targets,
    listName: kept?.listName ?? 0,
    records: targets.map((target) => ({ ...fresh(target), ...standing(unhealthy.has(target)) })),
    nextAt: 0,
    activeUntil: kept?.activeUntil ?? 0,
  }
}

function standing(isUnhealthy: boolean): Pick<TargetHealth, 'failing' | 'unhealthy'> {
  return { failing: isUnhealthy, unhealthy: isUnhealthy }
}

/** Healthy until proven otherwise. */
function fresh(target: string): TargetHealth {
  return {
    target,
    ...standing(false),
    against: 0,
    result: null,
    probedAt: null,
    goodAt: null,
    listedAt: 0,
  }
}

/** An isolate reported: somebody calls these targets. */
export function touch(state: HealthState, now: number): HealthState {
  const activeUntil = Math.ceil((now + ACTIVE_MS) / ACTIVE_STEP_MS) * ACTIVE_STEP_MS
  return activeUntil === state.activeUntil ? state : { ...state, activeUntil }
}

export interface ToldList {
  readonly targets: readonly string[]
  readonly listName: number
}

/** Takes in which targets there are. New ones are probed at once. */
export function list(
  state: HealthState,
  { targets, listName }: ToldList,
  now: number,
): HealthState {
  const before = new Set(state.targets)
  const wanted = new Set(targets)
  const known = new Map(state.records.map((record) => [record.target, record]))
  const left = state.records
    .filter(({ target }) => !wanted.has(target))
    .map((record) => (before.has(record.target) ? { ...record, listedAt: now } : record))
    .filter(({ listedAt }) => now - listedAt < REMEMBERED_MS)
  const listed = [...wanted].map((target) => known.get(target) ?? fresh(target))
  const hasNew = listed.some(({ probedAt }) => probedAt === null)
  return {
    ...state,
    targets: [...wanted],
    listName,
    records: [...listed, ...left].slice(0, MAX_RECORDS),
    nextAt: hasNew ? Math.min(state.nextAt, now) : state.nextAt,
  }
}

const MAX_RECORDS = 2_000 // Twice as many as an upstream may have: lists come and go.

/** Takes in what real calls came to. */
export function hear(
  state: HealthState,
  tallies: readonly TargetTally[],
  now: number,
): HealthState {
  if (tallies.length === 0) return state
  const said = new Map(tallies.map((tally) => [tally.target, tally]))
  const records = state.records.map((record) => {
    const tally = said.get(record.target)
    if (tally === undefined) return record
    const { succeeded, failed } = tally
    if (succeeded > failed) return { ...record, goodAt: now }
    return failed > succeeded ? { ...record, goodAt: null } : record
  })
  return { ...state, records }
}

export interface Round {
  readonly results: readonly { readonly target: string; readonly result: ProbeResult }[]
  readonly startedAt: number
}

/** Takes in one round of probes. */
export function absorb(
  state: HealthState,
  { results, startedAt }: Round,
  rules: HealthRules,
  { now, fraction }: { readonly now: number; readonly fraction: number },
): HealthChange {
  const probed = new Map(results.map(({ target, result }) => [target, result]))
  const notices: Notice[] = []
  const records = state.records.map((record) => {
    const result = probed.get(record.target)
    if (result === undefined) return record
    const judged = judge(record, result, rules, now)
    if (judged.unhealthy !== record.unhealthy) notices.push(noticeOf(judged))
    return judged
  })
  const nextAt = Math.max(now, startedAt + jittered(rules.intervalMs, fraction))
  // A target that came while the round ran is not made to wait for the next.
  const hasNew = records.some(
    ({ target, probedAt }) => probedAt === null && state.targets.includes(target),
  )
  return { state: { ...state, records, nextAt: hasNew ? now : nextAt }, notices }
}

/** A tenth more or less: the probers of many upstreams do not beat in step. */
export function jittered(ms: number, fraction: number): number {
  return Math.round(ms * (0.9 + 0.2 * fraction))
}

function judge(
  record: TargetHealth,
  result: ProbeResult,
  rules: HealthRules,
  now: number,
): TargetHealth {
  const isAgainst = (result === 'ok') === record.failing
  const against = isAgainst ? record.against + 1 : 0
  const limit = record.failing ? rules.healthyAfter : rules.unhealthyAfter
  const turns = against >= limit
  const failing = turns ? !record.failing : record.failing
  return {
    ...record,
    failing,
    against: turns ? 0 : against,
    unhealthy: failing && !isVouchedFor(record, rules, now),
    result,
    probedAt: now,
  }
}

/** Whether real calls find it well, and are believed. */
export function isVouchedFor(
  { goodAt }: Pick<TargetHealth, 'goodAt'>,
  { trust, intervalMs }: HealthRules,
  now: number,
): boolean {
  if (trust === 'probes' || goodAt === null) return false
  return now - goodAt <= Math.max(LEAST_VOUCH_MS, 3 * intervalMs)
}

function noticeOf({ target, unhealthy, failing, result }: TargetHealth): Notice {
  const [from, to] = unhealthy ? ['healthy', 'unhealthy'] : ['unhealthy', 'healthy']
  const returned = failing ? 'calls-succeed' : 'probes-succeeded'
  const reason = unhealthy ? `probe-${result}` : returned
  return {
    notice: 'health',
    from: from as string,
    to: to as string,
    reason,
    forSeconds: null,
    target,
  }
}

/** Forgets what was found: an operator said so. All are healthy until proven otherwise. */
export function reset(state: HealthState): HealthChange {
  const back = state.records.filter(({ unhealthy }) => unhealthy)
  return {
    state: { ...state, records: state.targets.map(fresh), nextAt: 0 },
    notices: back.map(({ target }) => ({
      notice: 'health',
      from: 'unhealthy',
      to: 'healthy',
      reason: 'reset',
      forSeconds: null,
      target,
    })),
  }
}

/** When the next round begins; null while nobody calls these targets. */
export function nextRound({ targets, nextAt, activeUntil }: HealthState): number | null {
  return targets.length === 0 || nextAt >= activeUntil ? null : nextAt
}
