/** How a bucket's amounts go over to another shape, when a table changes it while it lives. Pure. */
import type { QuotaShape, RateShape } from '../shape.ts'
import { convertLevel, type Units, unitsOf } from '../units.ts'
import { samePeriod } from './period.ts'

type LeaseShape = RateShape | QuotaShape

/** A quota is counted in tokens: nothing refills within a period. */
export function leaseUnitsOf(shape: LeaseShape): Units {
  if (shape.kind === 'quota') return { token: 1, refill: 0, full: shape.limit }
  return unitsOf(shape)
}

export function sameShape(a: LeaseShape, b: LeaseShape): boolean {
  if (a.kind === 'quota') {
    return b.kind === 'quota' && a.limit === b.limit && samePeriod(a.period, b.period)
  }
  return (
    b.kind === 'rate' && a.limit === b.limit && a.windowMs === b.windowMs && a.burst === b.burst
  )
}

/** Of a rate the tokens that are there stay; of a quota what was used stays used. */
export function converted(
  level: number,
  { from, to }: { readonly from: LeaseShape; readonly to: LeaseShape },
): number {
  if (from.kind === 'quota' && to.kind === 'quota') return level + to.limit - from.limit
  return convertLevel(level, leaseUnitsOf(from), leaseUnitsOf(to))
}
