/** What the choice knows of a target, as plain data: from the table, the isolate's own eyes and the fleet's state. */
import type { Gauge } from './gauge-core.ts'

/** `draining` takes no new callers: only those that a cookie binds to it. */
export type Standing = 'usable' | 'ejected' | 'unhealthy' | 'draining'

export interface TargetView {
  /** What its state is kept under. */
  readonly url: string
  /** Share of the calls; the fleet's state may change it while the table stays. 0 takes none. */
  weight: number
  /** 0 comes first. */
  readonly priority: number
  /** A continent or a colo; null is anywhere. */
  readonly zone: string | null
  standing: Standing
  /** Of `ejected`: when it is over, milliseconds since 1970. */
  until: number
  /** When it came or came back, milliseconds since 1970; 0 was always here. Slow start counts from here. */
  since: number
  readonly gauge: Gauge
}

/** Whether calls may go there now. An ejection that is over needs nobody to end it. */
export function isUsable(target: TargetView, now: number): boolean {
  return target.standing === 'usable' || (target.standing === 'ejected' && now >= target.until)
}

/** Of a target with slow start: the part of its weight that it has by now, from a tenth to all. */
export function warmth(target: TargetView, slowStartMs: number, now: number): number {
  if (slowStartMs === 0) return 1
  const { standing, until, since } = target
  const from = standing === 'ejected' ? Math.max(until, since) : since
  const ageMs = now - from
  if (from === 0 || ageMs >= slowStartMs) return 1
  return Math.max(LEAST_WARMTH, ageMs / slowStartMs)
}

const LEAST_WARMTH = 0.1 // Envoy's min_weight_percent: with less it would never see a call to get warm by.

/** Writes into the views which targets are unhealthy; one that is healthy again comes back now. */
export function applyHealth(
  views: readonly TargetView[],
  unhealthy: ReadonlySet<string>,
  now: number,
): void {
  for (const view of views) {
    if (view.standing === 'draining') continue
    if (unhealthy.has(view.url)) view.standing = 'unhealthy'
    else if (view.standing === 'unhealthy') {
      view.standing = 'usable'
      view.since = now
    }
  }
}

/** What is known of an ejection: until when it lasts or lasted; 0 is none. */
export interface Ejected {
  readonly until: number
}

/** Writes into the views which targets are ejected. */
export function applyEjections(
  views: readonly TargetView[],
  ejected: ReadonlyMap<string, Ejected>,
  now: number,
): void {
  for (const view of views) {
    if (view.standing !== 'usable' && view.standing !== 'ejected') continue
    const until = ejected.get(view.url)?.until ?? 0
    if (until > 0) {
      view.standing = 'ejected'
      view.until = until
    } else if (view.standing === 'ejected') {
      // Nobody knows of it any more: it came back, at the latest now.
      view.standing = 'usable'
      view.since = Math.min(view.until, now)
    }
  }
}
