import { expect, test } from 'vitest'
import { isHit, labelOf, rateOf, windowNames } from './core.ts'

test('a bucket is as large as its limit unless a burst is given', () => {
  const rate = { limit: 10, windowSeconds: 2 }
  expect(rateOf(rate)).toEqual({ kind: 'rate', limit: 10, windowMs: 2000, burst: 10 })
  expect(rateOf({ ...rate, burst: 1 })).toMatchObject({ limit: 10, burst: 1 })
})

test('a window keeps its name wherever it stands in the list', () => {
  const [minute, hour] = [
    { limit: 1, windowSeconds: 60 },
    { limit: 1, windowSeconds: 3600 },
  ] as const
  expect(windowNames([minute, hour])).toEqual(['w60', 'w3600'])
  expect(windowNames([hour, minute, minute])).toEqual(['w3600', 'w60', 'w60-2'])
})

test('the first window has the name of the policy', () => {
  expect([labelOf('a', 0), labelOf('a', 1)]).toEqual(['a', 'a-2'])
})

test.each([
  ['hit', true],
  ['hit; stale', true],
  ['miss', false],
  [null, false],
])('the cache status %j is a hit: %s', (status, hit) => {
  expect(isHit(status)).toBe(hit)
})
