import { expect, test } from 'vitest'
import { pickNext, pickShare, pickShareBut, startCredits } from './core.ts'

test('equal weights take turns', () => {
  const credits: number[] = []
  const picks = Array.from({ length: 6 }, () => pickNext([1, 1, 1], credits))
  expect(picks).toEqual([0, 1, 2, 0, 1, 2])
})

test('a heavier entry gets its share, spread and not in a row', () => {
  const credits: number[] = []
  const picks = Array.from({ length: 7 }, () => pickNext([5, 1, 1], credits))
  expect(picks).toEqual([0, 0, 1, 0, 2, 0, 0])
})

test('an entry of weight 0 is never taken while another has weight', () => {
  const credits: number[] = []
  const picks = new Set(Array.from({ length: 50 }, () => pickNext([0, 3, 1], credits)))
  expect([...picks].sort()).toEqual([1, 2])
})

test('each fraction falls into the entry that owns that part of the weights', () => {
  expect([0, 0.49, 0.5, 0.89, 0.9, 0.999].map((at) => pickShare([5, 4, 1], at))).toEqual([
    0, 0, 1, 1, 2, 2,
  ])
})

test('shares skip entries of weight 0', () => {
  expect([0, 0.3, 0.99].map((at) => pickShare([0, 1, 0], at))).toEqual([1, 1, 1])
})

test('a share skips the entry that is left out, and there is none without another', () => {
  expect([0, 0.49, 0.5, 0.99].map((at) => pickShareBut([5, 9, 5], 1, at))).toEqual([0, 0, 2, 2])
  expect(pickShareBut([0, 1, 0], 1, 0.5)).toBeNull()
})

test('a rounding error at the end falls to the last entry that has weight', () => {
  const weights = [0.1, 0.2, 0.3, 0]
  expect(pickShare(weights, 1 - Number.EPSILON / 2)).toBe(2)
})

test('turns begin elsewhere in another isolate and are the same turns', () => {
  const weights = [1, 1, 1, 1]
  const begins = [0, 0.2, 0.4, 0.6, 0.8].map((fraction) => {
    const credits = startCredits(weights, fraction)
    const picks = Array.from({ length: 8 }, () => pickNext(weights, credits))
    expect([...picks.slice(0, 4)].sort()).toEqual([0, 1, 2, 3])
    expect(picks.slice(4)).toEqual(picks.slice(0, 4))
    return picks[0]
  })
  expect(begins[0]).toBe(0)
  expect(new Set(begins).size).toBeGreaterThan(1)
})
