import { expect, test } from 'vitest'
import { periodNameOf, quotaBucketOf, reachedShare } from './core.ts'

test('a calendar quota is a bucket of its period', () => {
  expect(quotaBucketOf({ limit: 50_000, per: 'month' })).toEqual({
    kind: 'quota',
    limit: 50_000,
    period: { per: 'month' },
  })
})

test.each([
  ['2026-01-31', 1_769_817_600_000],
  ['2026-01-31T08:00Z', 1_769_846_400_000],
  ['2026-01-31T08:00:30Z', 1_769_846_430_000],
])('the anchor %s is an instant in UTC', (anchor, anchorMs) => {
  const { period } = quotaBucketOf({ limit: 10, per: 'anchored', anchor, everyDays: 30 })
  expect(period).toEqual({ per: 'anchored', anchorMs, everyDays: 30 })
})

test('quotas of one plan are told apart by their periods', () => {
  expect(periodNameOf({ limit: 1, per: 'day' })).toBe('day')
  expect(periodNameOf({ limit: 1, per: 'anchored', anchor: '2026-01-31', everyDays: 30 })).toBe(
    '2026-01-31+30',
  )
})

test.each([
  [100, null],
  [21, null],
  [20, 80],
  [11, 80],
  [10, 90],
  [0, 90],
])('with %d of 100 left the share is %s', (remaining, share) => {
  expect(reachedShare({ limit: 100, remaining }, [90, 80])).toBe(share)
})

test('a small quota reaches a share with the request that crosses it', () => {
  expect(reachedShare({ limit: 3, remaining: 1 }, [80])).toBeNull()
  expect(reachedShare({ limit: 3, remaining: 0 }, [80])).toBe(80)
})

test('without shares nothing is reached', () => {
  expect(reachedShare({ limit: 3, remaining: 0 }, [])).toBeNull()
})
