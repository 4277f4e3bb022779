/** Counts the requests of one address in this isolate: a token bucket as all limits have, with no other store. Pure. */

import type { RateShape } from '../../buckets/shape.ts'
import { type IdealBucket, makeIdeal, reshapeIdeal, takeIdeal } from '../../buckets/units.ts'
import { networkOf } from '../../http/network.ts'

/** Whoever has one IPv6 address has its whole /64; where no address is known all share one count. */
export function floodKey(address: string | null): string {
  return address === null ? '' : networkOf(address)
}

/** What is kept of one address. */
export interface FloodCount {
  readonly bucket: IdealBucket
  shape: RateShape
}

export function beginCount(shape: RateShape, now: number): FloodCount {
  return { bucket: makeIdeal(shape, now), shape }
}

/** Milliseconds until the next request is admitted; 0 where this one is. A table that changed the limit changes the count. */
export function countRequest(count: FloodCount, shape: RateShape, now: number): number {
  if (count.shape !== shape) {
    reshapeIdeal(count.bucket, shape, now)
    count.shape = shape
  }
  return takeIdeal(count.bucket, 1, now)
}

/** When the bucket is full again at the latest, and so can be forgotten: milliseconds since 1970. */
export function forgottenAt({ limit, windowMs, burst }: RateShape, now: number): number {
  return now + Math.ceil((burst * windowMs) / limit)
}
