/** When the stored line of a bucket has to be written anew, what is written, and where a start begins on it. Pure. */

import type { QuotaShape, RateShape } from '../shape.ts'
import { refilled, type Units } from '../units.ts'
import type { LeaseLine, RateLine } from './lines.ts'
import type { Span } from './period.ts'
import { leaseUnitsOf } from './reshape.ts'

// The line runs so far below the level: a bucket in steady use is written once in so long.
export const AHEAD_MS = 5_000
// A slower bucket is written exactly, or a restart would cost all it has.
const MIN_AHEAD_TOKENS = 4
// Of what the line runs ahead, so much may be below 0. A start begins on the line and not above it, or an older
// instance that still runs could grant the same once more: so a restart of a dry bucket costs this much of its refill.
const BELOW_MS = 1_000
// At most this share of a full bucket is outstanding (grant.ts), so no more need be announced.
const OUTSTANDING_SHARE = 0.9

/** How far the line of a bucket may run below its level, units; 0 for one that is written exactly. */
export function headOf({ token, refill }: Units): number {
  const head = refill * AHEAD_MS
  return head < MIN_AHEAD_TOKENS * token ? 0 : head
}

/** Where the line stands, in the units of its shape: the least that the level can be. */
export function lineNow(line: LeaseLine, { refill, full }: Units, now: number): number {
  if (line.kind === 'quota') return line.level
  return refilled(line.level, Math.max(0, now - line.at), refill, full)
}

/** From then on a rate was full, and nothing older is outstanding. */
export function fullAtOf(line: RateLine): number {
  const { refill, full } = leaseUnitsOf(line.shape)
  return line.at + Math.ceil((full - line.level) / refill)
}

export interface Standing {
  readonly shape: RateShape | QuotaShape
  readonly units: Units
  readonly span: Span | null
  readonly level: number
  /** Tokens that isolates may spend. */
  readonly outstanding: number
  readonly now: number
  /** Below the level by what is spent in a while, or exactly. */
  readonly ahead: boolean
}

/** What is stored of a bucket. */
export function writtenLine(standing: Standing): LeaseLine {
  const { shape, units, span, level, outstanding, now, ahead } = standing
  if (shape.kind === 'quota') {
    if (span === null) throw new Error('a quota has a period')
    return { kind: 'quota', level, at: now, span, shape }
  }
  const { token, refill, full } = units
  const below = refill * BELOW_MS
  const head = ahead ? Math.min(headOf(units), Math.max(0, level) + below) : 0
  const announced = Math.min(Math.floor((OUTSTANDING_SHARE * full) / token), 2 * outstanding)
  return {
    kind: 'rate',
    level: level - head,
    at: now,
    outstanding: Math.max(outstanding, ahead ? announced : 0),
    shape,
  }
}
