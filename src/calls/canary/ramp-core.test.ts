/** Shares as a function of time. */
import { expect, test } from 'vitest'
import { pickRendezvous } from '../balance/rendezvous-core.ts'
import { type RampRules, shareAt, weightsWith } from './ramp-core.ts'

const T0 = Date.UTC(2026, 0, 1)
const ramp: RampRules = { fromPercent: 0, toPercent: 100, steps: 10, overMs: 100_000, startAt: T0 }

test.each([
  [-1, 0],
  [0, 0],
  [9_999, 0],
  [10_000, 10],
  [59_999, 50],
  [60_000, 60],
  [99_999, 90],
  [100_000, 100],
  [10_000_000, 100],
])('%d ms after it began it is %d percent', (elapsedMs, percent) => {
  expect(shareAt(ramp, T0 + elapsedMs)).toBe(percent)
})

test('it goes from one share to another, also down', () => {
  const some = { ...ramp, fromPercent: 5, toPercent: 25, steps: 2 }
  expect([-1, 0, 50_000, 100_000].map((ms) => shareAt(some, T0 + ms))).toEqual([5, 5, 15, 25])
  const down = { ...ramp, fromPercent: 50, toPercent: 0, steps: 1 }
  expect([0, 99_999, 100_000].map((ms) => shareAt(down, T0 + ms))).toEqual([50, 50, 0])
})

test('the others divide the rest by their own weights', () => {
  expect(weightsWith([90, 10], 1, 25)).toEqual([75, 25])
  expect(weightsWith([30, 10, 999], 2, 20)).toEqual([60, 20, 20])
  expect(weightsWith([90, 10], 1, 0)).toEqual([100, 0])
  expect(weightsWith([90, 10], 1, 100)).toEqual([0, 100])
})

test('where the table gives the others nothing they are even', () => {
  expect(weightsWith([0, 0, 100], 2, 40)).toEqual([30, 30, 40])
})

test('who got the new one keeps it while its share grows', () => {
  const seeds = [1, 2, 3]
  const owners = (percent: number) =>
    Array.from({ length: 500 }, (_, key) =>
      pickRendezvous(weightsWith([60, 40, 1], 2, percent), seeds, key * 2_654_435_761),
    )
  let before = owners(0)
  expect(before).not.toContain(2)
  for (const percent of [1, 5, 20, 50, 90, 100]) {
    const now = owners(percent)
    // Whoever moves moves to the new one.
    expect(now.filter((owner, key) => owner !== before[key] && owner !== 2)).toEqual([])
    before = now
  }
  expect(new Set(before)).toEqual(new Set([2]))
})
