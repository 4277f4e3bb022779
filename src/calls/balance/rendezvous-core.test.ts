import { expect, test } from 'vitest'
import { drawFraction, hashText, pickRendezvous } from './rendezvous-core.ts'

const seeds = ['http://a', 'http://b', 'http://c', 'http://d', 'http://e'].map(hashText)
const keys = Array.from({ length: 10_000 }, (_, index) => hashText(`192.0.2.${index}`))

function sharesOf(weights: readonly number[]): number[] {
  const counts = weights.map(() => 0)
  for (const key of keys) counts[pickRendezvous(weights, seeds, key) as number]! += 1
  return counts.map((count) => count / keys.length)
}

test('the same key goes to the same entry', () => {
  const key = hashText('client-7')
  const picks = Array.from({ length: 10 }, () => pickRendezvous([1, 1, 1, 1, 1], seeds, key))
  expect(new Set(picks).size).toBe(1)
})

test('keys follow the weights', () => {
  const [a, b, c, d, e] = sharesOf([4, 2, 2, 1, 1]) as [number, number, number, number, number]
  expect(a).toBeCloseTo(0.4, 1)
  expect(b).toBeCloseTo(0.2, 1)
  expect(c).toBeCloseTo(0.2, 1)
  expect(d).toBeCloseTo(0.1, 1)
  expect(e).toBeCloseTo(0.1, 1)
})

test('when one of five goes only its own keys move, and all others stay', () => {
  const all = keys.map((key) => pickRendezvous([1, 1, 1, 1, 1], seeds, key))
  const without = keys.map((key) => pickRendezvous([1, 1, 0, 1, 1], seeds, key))
  const moved = keys.filter((_, index) => all[index] !== without[index])
  expect(moved.length / keys.length).toBeCloseTo(0.2, 1)
  expect(all.every((pick, index) => pick === 2 || pick === without[index])).toBe(true)
})

test('the order of the entries says nothing', () => {
  const mirrored = [...seeds].reverse()
  const same = keys.every((key) => {
    const at = pickRendezvous([1, 1, 1, 1, 1], seeds, key) as number
    return pickRendezvous([1, 1, 1, 1, 1], mirrored, key) === 4 - at
  })
  expect(same).toBe(true)
})

test('no entry with weight is no entry at all', () => {
  expect(pickRendezvous([0, 0], seeds, 1)).toBeNull()
})

test('a draw lies between 0 and 1, both excluded', () => {
  const draws = keys.map((key) => drawFraction(key, seeds[0] as number))
  expect(Math.min(...draws)).toBeGreaterThan(0)
  expect(Math.max(...draws)).toBeLessThan(1)
})
