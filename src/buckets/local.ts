/**
 * Stands in for a bucket's object that cannot be asked, within one isolate: its share of the limit, and never more
 * than a tenth (ROUTES.md §1). It starts with that share when the store fails first.
 */
import { spanAt } from './ledger/period.ts'
import type { BucketShape, RateShape } from './shape.ts'
import {
  giveIdeal,
  type IdealBucket,
  makeIdeal,
  refillIdeal,
  takeIdeal,
  tokensIn,
} from './units.ts'

const AT_LEAST_SHARED_BY = 10 // a tenth of the limit, however few isolates drew on the bucket

export interface LocalBucket {
  readonly shape: BucketShape
  readonly sharedBy: number
  /** Takes tokens: 0 where they were there, else milliseconds until they are; Infinity for never. */
  take(cost: number, now: number): number
  giveBack(cost: number, now: number): void
  /** A request that only held a place has ended. */
  release(): void
  remaining(now: number): number
}

function makeLocal(shape: BucketShape, isolates: number | null, now: number): LocalBucket {
  const sharedBy = shareOf(isolates)
  switch (shape.kind) {
    case 'rate':
      return new LocalRate(shape, sharedBy, now)
    case 'quota':
      return new LocalCount(shape, sharedBy, (at) => spanAt(shape.period, at))
    case 'slots':
      return new LocalCount(shape, sharedBy, null)
  }
}

/**
 * The bucket that stands in now. `isolates`: how many drew on it when the object was last asked, null where that is
 * not known. What it gave stays given where the limit or the number of isolates changed.
 */
export function localOf(
  known: LocalBucket | null,
  { shape, isolates }: { readonly shape: BucketShape; readonly isolates: number | null },
  now: number,
): LocalBucket {
  if (known === null) return makeLocal(shape, isolates, now)
  const isSame = known.shape === shape || JSON.stringify(known.shape) === JSON.stringify(shape)
  if (isSame && known.sharedBy === shareOf(isolates)) return known
  const next = makeLocal(shape, isolates, now)
  const surplus = next.remaining(now) - known.remaining(now)
  if (surplus > 0) next.take(surplus, now)
  return next
}

function shareOf(isolates: number | null): number {
  return Math.max(AT_LEAST_SHARED_BY, isolates ?? 1)
}

class LocalRate implements LocalBucket {
  readonly shape: RateShape
  readonly sharedBy: number
  readonly #bucket: IdealBucket

  constructor(shape: RateShape, sharedBy: number, now: number) {
    this.shape = shape
    this.sharedBy = sharedBy
    const { limit, windowMs, burst } = shape
    const share = Math.min(burst, limit / sharedBy)
    const whole = Math.max(1, Math.floor(share))
    // Of a limit below ten the share is a part of a token: one is saved up, at the pace of the share.
    this.#bucket = makeIdeal(
      { kind: 'rate', limit, windowMs: windowMs * sharedBy, burst: whole },
      now,
    )
    const { token, full } = this.#bucket.units
    this.#bucket.level = Math.min(full, Math.floor(share * token))
  }

  take(cost: number, now: number): number {
    return takeIdeal(this.#bucket, cost, now)
  }

  giveBack(cost: number, now: number): void {
    giveIdeal(this.#bucket, cost, now)
  }

  release(): void {}

  remaining(now: number): number {
    refillIdeal(this.#bucket, now)
    return tokensIn(this.#bucket.level, this.#bucket.units.token)
  }
}

type SpanOf = (now: number) => { readonly start: number; readonly end: number }

/** A quota's tokens come back with its period, slots with the requests that held them. */
class LocalCount implements LocalBucket {
  readonly shape: BucketShape
  readonly sharedBy: number
  readonly #spanOf: SpanOf | null
  readonly #limit: number
  #used = 0
  #start = Number.NEGATIVE_INFINITY

  constructor(shape: Exclude<BucketShape, RateShape>, sharedBy: number, spanOf: SpanOf | null) {
    this.shape = shape
    this.sharedBy = sharedBy
    this.#spanOf = spanOf
    const share = Math.floor(shape.limit / sharedBy)
    // One request at a time is the least that a limit on how many run at once can mean.
    this.#limit = shape.kind === 'slots' ? Math.max(1, share) : share
  }

  take(cost: number, now: number): number {
    const end = this.#enter(now)
    if (this.#used + cost <= this.#limit) {
      this.#used += cost
      return 0
    }
    if (cost > this.#limit) return Number.POSITIVE_INFINITY
    return end === null ? 1 : end - now
  }

  giveBack(cost: number, now: number): void {
    this.#enter(now)
    this.#used = Math.max(0, this.#used - cost)
  }

  release(): void {
    if (this.#spanOf === null) this.#used = Math.max(0, this.#used - 1)
  }

  remaining(now: number): number {
    this.#enter(now)
    return this.#limit - this.#used
  }

  /** The end of the period that holds `now`, or null. A clock that goes back opens no period again. */
  #enter(now: number): number | null {
    if (this.#spanOf === null) return null
    const { start, end } = this.#spanOf(now)
    if (start > this.#start) {
      this.#start = start
      this.#used = 0
    }
    return end
  }
}
