import { expect, test } from 'vitest'
import { pickNext, pickShare } from './core.ts'

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
