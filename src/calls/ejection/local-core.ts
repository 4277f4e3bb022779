/**
 * What one isolate knows of ejected targets: what it saw itself, at once, and what the fleet says, which wins. Plain
 * data, changed in place; bounded by the targets of the upstream.
 */
import type { EjectionView } from './part.ts'
import { type EjectionRules, ejectionMs } from './rules.ts'

export interface LocalTarget {
  /** Failures since the last success in this isolate. */
  failuresInRow: number
  /** When its ejection is over or was over, milliseconds since 1970; 0 was never ejected. */
  until: number
  times: number
  /** When this isolate ejected it and the fleet has not confirmed it; 0 otherwise. */
  ejectedAt: number
}

export interface EjectionLocal {
  /** Changes whenever the standing of a target does. */
  version: number
  readonly targets: Map<string, LocalTarget>
  /** Ejected here, and not yet told. */
  untold: string[]
}

export function startLocal(): EjectionLocal {
  return { version: 0, targets: new Map(), untold: [] }
}

/** Takes in one try; true where it ejects the target. */
export function recordTry(
  local: EjectionLocal,
  { target, failed }: { readonly target: string; readonly failed: boolean },
  rules: EjectionRules,
  now: number,
): boolean {
  let record = local.targets.get(target)
  if (!failed) {
    if (record !== undefined) record.failuresInRow = 0
    return false
  }
  if (record === undefined) {
    record = { failuresInRow: 0, until: 0, times: 0, ejectedAt: 0 }
    // Tables come and go: the targets of old ones make room.
    if (local.targets.size >= MAX_TARGETS) {
      for (const oldest of local.targets.keys()) {
        local.targets.delete(oldest)
        break
      }
    }
    local.targets.set(target, record)
  }
  // What was on its way when the target was ejected does not count for the time afterwards.
  if (now < record.until) return false
  record.failuresInRow += 1
  const { consecutiveFailures, most } = rules
  if (consecutiveFailures === 0 || record.failuresInRow < consecutiveFailures) return false
  if (ejectedNow(local, now) >= most) return false
  record.failuresInRow = 0
  record.until = now + ejectionMs(rules, record.times)
  record.times += 1
  record.ejectedAt = now
  local.untold.push(target)
  local.version += 1
  return true
}

const MAX_TARGETS = 2_000 // Twice as many as an upstream may have.

function ejectedNow({ targets }: EjectionLocal, now: number): number {
  let count = 0
  for (const { until } of targets.values()) if (now < until) count += 1
  return count
}

/** Takes in what the fleet says; its durations count from `sentAt`, when this isolate asked. */
export function hearView(local: EjectionLocal, view: EjectionView, sentAt: number): void {
  const known = new Map(view.standings.map((standing) => [standing.target, standing]))
  for (const [target, record] of local.targets) {
    if (known.has(target)) continue
    // Ejected while the message was under way: the fleet hears of it with the next one.
    if (record.ejectedAt > 0 && record.ejectedAt >= sentAt) continue
    if (local.untold.includes(target)) continue
    if (record.until > 0) local.version += 1
    if (record.failuresInRow === 0) local.targets.delete(target)
    else Object.assign(record, { until: 0, times: 0, ejectedAt: 0 })
  }
  for (const { target, forMs, times } of known.values())
    hearOne(local, { target, forMs, times }, sentAt)
}

function hearOne(
  local: EjectionLocal,
  standing: EjectionView['standings'][number],
  sentAt: number,
): void {
  const { target, forMs, times } = standing
  const until = sentAt + forMs
  const record = local.targets.get(target)
  if (record === undefined) {
    local.targets.set(target, { failuresInRow: 0, until, times, ejectedAt: 0 })
    local.version += 1
    return
  }
  // An own ejection that the fleet cannot know yet stands until it does.
  const isNews = record.ejectedAt >= sentAt || local.untold.includes(target)
  if (isNews && record.until > until) return
  // Each message took another time on its way: without this each would change the standing a little.
  if (Math.abs(record.until - until) > JITTER_MS) {
    record.until = until
    local.version += 1
  }
  record.times = times
  record.ejectedAt = 0
}

const JITTER_MS = 2_000
