/** The judge of the simulations must itself be right: known admissions and how far they are above the bound. */
import { expect, test } from 'vitest'
import type { RateShape } from '../../../src/buckets/shape.ts'
import { Admissions, excessOverQuota, excessOverRate, mostAtOnce } from './ideal.ts'

// 10 a second, burst 20.
const shape: RateShape = { kind: 'rate', limit: 10, windowMs: 1000, burst: 20 }

function admitted(...pairs: readonly (readonly [at: number, cost: number])[]): Admissions {
  const admissions = new Admissions()
  for (const [at, cost] of pairs) admissions.add(at, cost)
  return admissions
}

test('a burst and the refill of the interval are within a rate', () => {
  expect(excessOverRate(shape, admitted([5000, 20], [6000, 10], [6100, 1]))).toBe(0)
})

test('one token before its millisecond is above a rate by what was not yet refilled', () => {
  expect(excessOverRate(shape, admitted([5000, 20], [5099, 1]))).toBe(0.01)
})

test('a full bucket refills no further, however long the pause', () => {
  expect(excessOverRate(shape, admitted([0, 20], [1e9, 21]))).toBe(1)
})

test('admissions are judged in the order of their instants', () => {
  expect(excessOverRate(shape, admitted([2000, 20], [0, 20]))).toBe(0)
})

test('what exceeded once is owed: an interval may span several bursts', () => {
  expect(excessOverRate(shape, admitted([0, 21], [100, 2]))).toBe(2)
})

test('a quota is counted per calendar period in UTC', () => {
  const month = { kind: 'quota', limit: 3, period: { per: 'month' } } as const
  const last = Date.UTC(2026, 1, 28, 23, 59, 59, 999)
  expect(excessOverQuota(month, admitted([last, 3], [last + 1, 3]))).toBe(0)
  expect(excessOverQuota(month, admitted([last - 1, 3], [last, 1]))).toBe(1)
})

test('a week begins on Monday', () => {
  const week = { kind: 'quota', limit: 1, period: { per: 'week' } } as const
  const monday = Date.UTC(2026, 10, 23)
  expect(excessOverQuota(week, admitted([monday - 1, 1], [monday, 1]))).toBe(0)
  expect(excessOverQuota(week, admitted([monday, 1], [monday + 6 * 86_400_000, 1]))).toBe(1)
})

test('an interval that ends where another begins is not open with it', () => {
  const intervals = [
    { from: 0, to: 10 },
    { from: 10, to: 20 },
    { from: 5, to: 12 },
  ]
  expect(mostAtOnce(intervals)).toBe(2)
})
