/**
 * What is stored of a bucket: enough that a start can neither grant twice nor forget. Of a rate it is a straight
 * line `level + refill × (t − at)` that the true level never sinks under without a write before (LEASES.md §1.4).
 */
import type { QuotaShape, RateShape } from '../shape.ts'
import type { Span } from './period.ts'

export interface RateLine {
  readonly kind: 'rate'
  /** Units, in those of `shape`; may be below 0 since the line runs ahead of what is spent. */
  readonly level: number
  readonly at: number
  /** Tokens that isolates may hold at most. */
  readonly outstanding: number
  readonly shape: RateShape
}

/** Written exactly: a quota that is forgotten does not come back. */
export interface QuotaLine {
  readonly kind: 'quota'
  /** Tokens left of the period. */
  readonly level: number
  readonly at: number
  readonly span: Span
  readonly shape: QuotaShape
}

export interface SlotsLine {
  readonly kind: 'slots'
  /** Slots that isolates may hold at most. */
  readonly held: number
  readonly at: number
}

/** Of all rates of the object that have no line of their own (shared-line.ts). */
export interface StoredSharedLine {
  readonly kind: 'shared'
  readonly at: number
}

export type LeaseLine = RateLine | QuotaLine
/** What is stored of one bucket. */
export type Line = LeaseLine | SlotsLine
export type StoredLine = Line | StoredSharedLine
