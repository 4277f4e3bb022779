import { describe, expect, test } from 'vitest'
import type { RateShape } from './shape.ts'
import {
  convertLevel,
  fitsUnits,
  giveIdeal,
  makeIdeal,
  refilled,
  reshapeIdeal,
  takeIdeal,
  unitsOf,
} from './units.ts'

const tenPerSecond: RateShape = { kind: 'rate', limit: 10, windowMs: 1_000, burst: 20 }

describe('units', () => {
  test('one millisecond refills a whole number of units, in the proportion of the shape', () => {
    const { token, refill, full } = unitsOf({
      kind: 'rate',
      limit: 7,
      windowMs: 1_300,
      burst: 3,
    })
    expect(token * 7).toBe(refill * 1_300)
    expect(full).toBe(3 * token)
    expect(Number.isSafeInteger(full)).toBe(true)
  })

  test('they are as fine as leaves room for every sum', () => {
    const { refill, full } = unitsOf(tenPerSecond)
    expect(full > 2 ** 45 || refill >= 2 ** 30).toBe(true)
    expect(full).toBeLessThanOrEqual(2 ** 46)
  })

  test.each<[boolean, RateShape]>([
    [true, { kind: 'rate', limit: 1_000_000_000, windowMs: 1_000, burst: 1_000_000_000 }],
    [true, { kind: 'rate', limit: 1, windowMs: 31_536_000_000, burst: 1 }],
    [true, { kind: 'rate', limit: 200_000, windowMs: 86_400_000, burst: 5_000 }],
    [false, { kind: 'rate', limit: 999_999_937, windowMs: 86_400_000, burst: 999_999_937 }],
    [false, { kind: 'rate', limit: 1, windowMs: 31_536_000_000, burst: 1_000_000 }],
  ])('fits: %s for %o', (fits, shape) => {
    expect(fitsUnits(shape)).toBe(fits)
    if (fits) expect(unitsOf(shape).full).toBeLessThanOrEqual(2 ** 51)
    else expect(() => unitsOf(shape)).toThrow()
  })

  test('a hundred years of refill are a full bucket, and nothing more', () => {
    expect(refilled(0, 100 * 31_536_000_000, 2 ** 30, 2 ** 51)).toBe(2 ** 51)
    expect(refilled(2 ** 51 - 1, 1, 1, 2 ** 51)).toBe(2 ** 51)
    expect(refilled(-(2 ** 51), 2 ** 20, 2 ** 30, 2 ** 51)).toBe(-(2 ** 50))
  })

  test('a level above its cap stays, and one that never refills too', () => {
    expect(refilled(30, 5, 10, 20)).toBe(30)
    expect(refilled(15, 1_000_000, 0, 20)).toBe(15)
    expect(refilled(20, 1_000_000, 0, 20)).toBe(20)
  })

  test('other units keep the tokens and round a part of one down', () => {
    const [coarse, fine] = [
      { token: 3, refill: 1, full: 30 },
      { token: 10, refill: 1, full: 100 },
    ]
    expect(convertLevel(7, coarse, fine)).toBe(23)
    expect(convertLevel(-7, coarse, fine)).toBe(-24)
    expect(convertLevel(23, fine, coarse)).toBe(6)
    expect(convertLevel(7, coarse, coarse)).toBe(7)
  })
})

describe('an ideal bucket', () => {
  test('ten a second with a burst of twenty: twenty at once, then one each 100 ms', () => {
    const bucket = makeIdeal(tenPerSecond, 1_000)
    for (let taken = 0; taken < 20; taken++) expect(takeIdeal(bucket, 1, 1_000)).toBe(0)
    expect(takeIdeal(bucket, 1, 1_000)).toBe(100)
    expect(takeIdeal(bucket, 1, 1_099)).toBe(1)
    expect(takeIdeal(bucket, 1, 1_100)).toBe(0)
    expect(takeIdeal(bucket, 1, 1_100)).toBe(100)
  })

  test.each([
    [200, 1_000, 100, 5],
    [100, 60_000, 100, 600],
    [1_000, 3_600_000, 1_000, 3_600],
    [50_000, 3_600_000, 1_000, 72],
    [20_000, 60_000, 500, 3],
    [200_000, 60_000, 5_000, 1],
  ])(
    '%d per %d ms with a burst of %d: the next one comes in %d ms',
    (limit, windowMs, burst, waitMs) => {
      const bucket = makeIdeal({ kind: 'rate', limit, windowMs, burst }, 0)
      expect(takeIdeal(bucket, burst, 0)).toBe(0)
      expect(takeIdeal(bucket, 1, 0)).toBe(waitMs)
      expect(takeIdeal(bucket, 1, waitMs)).toBe(0)
    },
  )

  test('a cost above the burst is never there, and takes nothing', () => {
    const bucket = makeIdeal(tenPerSecond, 0)
    expect(takeIdeal(bucket, 21, 0)).toBe(Number.POSITIVE_INFINITY)
    expect(takeIdeal(bucket, 20, 0)).toBe(0)
  })

  test('ten years of one request a second drift by nothing', () => {
    const bucket = makeIdeal({ kind: 'rate', limit: 1, windowMs: 1_000, burst: 1 }, 0)
    const step = 86_400_000
    for (let day = 0; day < 3_650; day++) {
      expect(takeIdeal(bucket, 1, day * step)).toBe(0)
      expect(takeIdeal(bucket, 1, day * step + 999)).toBe(1)
    }
  })

  test('a clock that goes back a little gives nothing until it is where it was', () => {
    const bucket = makeIdeal(tenPerSecond, 10_000)
    takeIdeal(bucket, 20, 10_000)
    expect(takeIdeal(bucket, 1, 6_000)).toBe(4_100)
    expect(takeIdeal(bucket, 1, 10_099)).toBe(1)
    expect(takeIdeal(bucket, 1, 10_100)).toBe(0)
  })

  test('a clock that goes back far goes on from there, and gives nothing for the step', () => {
    const bucket = makeIdeal(tenPerSecond, 1_000_000)
    takeIdeal(bucket, 20, 1_000_000)
    expect(takeIdeal(bucket, 1, 0)).toBe(100)
    expect(takeIdeal(bucket, 1, 100)).toBe(0)
  })

  test('what is given back fills it at most', () => {
    const bucket = makeIdeal(tenPerSecond, 0)
    takeIdeal(bucket, 5, 0)
    giveIdeal(bucket, 9, 0)
    expect(takeIdeal(bucket, 20, 0)).toBe(0)
    expect(takeIdeal(bucket, 1, 0)).toBe(100)
  })

  test('another shape keeps what is there, as far as it fits', () => {
    const bucket = makeIdeal(tenPerSecond, 0)
    takeIdeal(bucket, 5, 0)
    reshapeIdeal(bucket, { kind: 'rate', limit: 600, windowMs: 60_000, burst: 30 }, 0)
    expect(takeIdeal(bucket, 16, 0)).toBe(100)
    reshapeIdeal(bucket, { kind: 'rate', limit: 1, windowMs: 1_000, burst: 4 }, 0)
    expect(takeIdeal(bucket, 4, 0)).toBe(0)
    expect(takeIdeal(bucket, 1, 0)).toBe(1_000)
  })
})
