/**
 * The arithmetic of one token bucket, in whole numbers that a double holds exactly (LEASES: continuous refill,
 * burst, cost). Used by the object, by isolate-local buckets and by tests. Reads no clock: `now` is an argument.
 */
import type { RateShape } from './shape.ts'

/** A bucket in units: fine enough that the refill of one millisecond is a whole number. */
export interface Units {
  /** Units of one token. */
  readonly token: number
  /** Units that come back in one millisecond. */
  readonly refill: number
  /** Units in a full bucket. */
  readonly full: number
}

// A level may owe one full bucket: what is added up then stays below 2^53, where doubles stop being exact.
const MAX_FULL = 2 ** 51

// Finer units lose less of a token when a table changes the rate; the bounds leave room for every sum and product.
const SCALED_FULL = 2 ** 45
const SCALED_REFILL = 2 ** 30

// A step back of a clock up to this long is waited out; after a longer one time goes on from the new reading.
export const CLOCK_WAITED_OUT_MS = 5_000

function greatestCommonDivisor(a: number, b: number): number {
  let [high, low] = [a, b]
  while (low !== 0) [high, low] = [low, high % low]
  return high
}

function plainUnits({ limit, windowMs, burst }: RateShape): Units {
  const divisor = greatestCommonDivisor(limit, windowMs)
  const token = windowMs / divisor
  return { token, refill: limit / divisor, full: burst * token }
}

/** Whether the bucket can be counted exactly; a table with another one is refused. */
export function fitsUnits(shape: RateShape): boolean {
  return plainUnits(shape).full <= MAX_FULL
}

/** The bucket in units. The shape must fit. */
export function unitsOf(shape: RateShape): Units {
  let { token, refill, full } = plainUnits(shape)
  if (full > MAX_FULL) throw new Error('a bucket too large to be counted exactly')
  while (full <= SCALED_FULL && refill < SCALED_REFILL) {
    token *= 2
    refill *= 2
    full *= 2
  }
  return { token, refill, full }
}

/** A level after so many milliseconds of refill, up to `cap`; a level above `cap` stays. */
export function refilled(level: number, elapsedMs: number, refill: number, cap: number): number {
  if (level >= cap) return level
  // Years of refill would leave the exact integers: past the cap by more than rounding can be, it is not computed.
  if (elapsedMs > (cap - level) / refill + 1) return cap
  return Math.min(cap, level + elapsedMs * refill)
}

/** Whole tokens in a level; a level that owes has none. */
export function tokensIn(level: number, token: number): number {
  return level <= 0 ? 0 : Math.floor(level / token)
}

/** The same part of a token in other units, rounded down. */
export function convertLevel(level: number, from: Units, to: Units): number {
  if (from.token === to.token) return level
  const whole = Math.floor(level / from.token)
  const rest = level - whole * from.token
  return whole * to.token + Number((BigInt(rest) * BigInt(to.token)) / BigInt(from.token))
}

/** A bucket that one program holds alone. Plain data. */
export interface IdealBucket {
  units: Units
  level: number
  at: number
}

/** A full bucket. */
export function makeIdeal(shape: RateShape, now: number): IdealBucket {
  const units = unitsOf(shape)
  return { units, level: units.full, at: now }
}

/** Brings the level up to `now`. A clock that went back gives nothing twice. */
export function refillIdeal(bucket: IdealBucket, now: number): void {
  if (now < bucket.at) {
    if (bucket.at - now > CLOCK_WAITED_OUT_MS) bucket.at = now
    return
  }
  const { refill, full } = bucket.units
  bucket.level = refilled(bucket.level, now - bucket.at, refill, full)
  bucket.at = now
}

/** Takes `cost` tokens: 0 where they were there; else takes nothing and tells in how many milliseconds they are, Infinity for never. */
export function takeIdeal(bucket: IdealBucket, cost: number, now: number): number {
  refillIdeal(bucket, now)
  const { token, refill, full } = bucket.units
  const asked = cost * token
  if (asked <= bucket.level) {
    bucket.level -= asked
    return 0
  }
  if (asked > full) return Number.POSITIVE_INFINITY
  return Math.ceil((asked - bucket.level) / refill) + Math.max(0, bucket.at - now)
}

/** Gives tokens back, up to a full bucket. */
export function giveIdeal(bucket: IdealBucket, tokens: number, now: number): void {
  refillIdeal(bucket, now)
  const { token, full } = bucket.units
  bucket.level = Math.min(full, bucket.level + tokens * token)
}

/** Gives the bucket another shape: what was spent stays spent. */
export function reshapeIdeal(bucket: IdealBucket, shape: RateShape, now: number): void {
  refillIdeal(bucket, now)
  const units = unitsOf(shape)
  bucket.level = Math.min(units.full, convertLevel(bucket.level, bucket.units, units))
  bucket.units = units
}
