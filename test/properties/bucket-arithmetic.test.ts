/** The arithmetic of a bucket against one in exact fractions: no admission above it, and none below by rounding. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RateShape } from '../../src/buckets/shape.ts'
import { fitsUnits, makeIdeal, reshapeIdeal, takeIdeal, unitsOf } from '../../src/buckets/units.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

/** Tokens as a fraction over `windowMs`: each millisecond adds `limit` to the numerator. */
class Fractional {
  readonly #limit: bigint
  readonly #windowMs: bigint
  readonly #full: bigint
  level: bigint
  #at: number

  constructor({ limit, windowMs, burst }: RateShape, now: number) {
    this.#limit = BigInt(limit)
    this.#windowMs = BigInt(windowMs)
    this.#full = BigInt(burst) * this.#windowMs
    this.level = this.#full
    this.#at = now
  }

  /** 0 where the tokens were there; else how long they still take. */
  take(cost: number, now: number): number {
    const refilled = this.level + BigInt(now - this.#at) * this.#limit
    this.level = refilled > this.#full ? this.#full : refilled
    this.#at = now
    const asked = BigInt(cost) * this.#windowMs
    if (asked <= this.level) {
      this.level -= asked
      return 0
    }
    if (asked > this.#full) return Number.POSITIVE_INFINITY
    return Number((asked - this.level + this.#limit - 1n) / this.#limit)
  }
}

const amount = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom(100, 200, 500, 1_000, 5_000, 20_000, 50_000, 200_000),
  fc.integer({ min: 1, max: 1_000_000_000 }),
)
const windowMs = fc.oneof(
  fc.constantFrom(1_000, 60_000, 3_600_000, 86_400_000, 31_536_000_000),
  fc.integer({ min: 1, max: 31_536_000 }).map((seconds) => seconds * 1_000),
)
const shapes: fc.Arbitrary<RateShape> = fc
  .record({ kind: fc.constant('rate' as const), limit: amount, windowMs, burst: amount })
  .filter(fitsUnits)

/** How long after the last one, and what share of the burst is asked for. */
const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 5_000 }),
      fc.integer({ min: 0, max: 31_536_000_000 }),
    ),
    cost: fc.oneof(fc.constant(1), fc.constantFrom('whole', 'half', 'more')),
    atTheToken: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

function costOf(cost: 1 | string, { burst }: RateShape): number {
  if (cost === 'whole') return burst
  if (cost === 'half') return Math.ceil(burst / 2)
  return cost === 'more' ? burst + 1 : 1
}

test(`a bucket admits what exact fractions admit, and tells the same wait (SEED=${seed})`, () => {
  let [admitted, refused] = [0, 0]
  fc.assert(
    fc.property(shapes, steps, (shape, asked) => {
      let now = 1_700_000_000_000
      let told = 0
      const bucket = makeIdeal(shape, now)
      const exact = new Fractional(shape, now)
      for (const step of asked) {
        // At the very millisecond that was told, or one before, rounding would show.
        now += step.atTheToken && Number.isFinite(told) ? Math.max(0, told - 1) : step.afterMs
        const cost = costOf(step.cost, shape)
        told = takeIdeal(bucket, cost, now)
        expect(told).toBe(exact.take(cost, now))
        if (told === 0) admitted++
        else refused++
      }
    }),
    { seed, numRuns: 3_000 },
  )
  expect(admitted).toBeGreaterThan(5_000)
  expect(refused).toBeGreaterThan(5_000)
})

test(`the level is always a whole number of units, exactly the fraction (SEED=${seed})`, () => {
  fc.assert(
    fc.property(shapes, steps, (shape, asked) => {
      let now = 0
      const bucket = makeIdeal(shape, now)
      const exact = new Fractional(shape, now)
      const { token } = unitsOf(shape)
      for (const step of asked) {
        now += step.afterMs
        takeIdeal(bucket, costOf(step.cost, shape), now)
        exact.take(costOf(step.cost, shape), now)
        expect(Number.isSafeInteger(bucket.level)).toBe(true)
        expect(BigInt(bucket.level) * BigInt(shape.windowMs)).toBe(exact.level * BigInt(token))
      }
    }),
    { seed, numRuns: 1_000 },
  )
})

test(`another shape never makes tokens, and loses less than a unit of one (SEED=${seed})`, () => {
  fc.assert(
    fc.property(shapes, shapes, fc.nat(), (from, to, spent) => {
      const bucket = makeIdeal(from, 0)
      takeIdeal(bucket, spent % (from.burst + 1), 0)
      takeIdeal(bucket, 1, 1)
      const before = { level: BigInt(bucket.level), token: BigInt(bucket.units.token) }
      reshapeIdeal(bucket, to, 1)
      const after = { level: BigInt(bucket.level), token: BigInt(bucket.units.token) }
      expect(after.level * before.token <= before.level * after.token).toBe(true)
      if (bucket.level < bucket.units.full) {
        expect((after.level + 1n) * before.token > before.level * after.token).toBe(true)
      }
    }),
    { seed, numRuns: 2_000 },
  )
})
