import { expect, test } from 'vitest'
import { type LocalBucket, localOf } from './local.ts'
import type { BucketShape } from './shape.ts'

const hundred = { kind: 'rate', limit: 100, windowMs: 1_000, burst: 100 } as const

function make(shape: BucketShape, isolates: number | null = null, now = 0): LocalBucket {
  return localOf(null, { shape, isolates }, now)
}

/** How many are admitted one by one in so many milliseconds. */
function admitted(bucket: LocalBucket, ms: number): number {
  let count = 0
  for (let now = 0; now <= ms; now += 1) while (bucket.take(1, now) === 0) count += 1
  return count
}

test('a rate lets a tenth of its limit pass, at once and in each window', () => {
  expect(admitted(make(hundred), 0)).toBe(10)
  expect(admitted(make(hundred), 1_000)).toBe(20)
})

test('with more than ten isolates each lets its share pass', () => {
  expect(admitted(make(hundred, 50), 0)).toBe(2)
  expect(admitted(make(hundred, 4), 0)).toBe(10)
})

test('a burst above the limit lets no more pass at once than a tenth of the limit', () => {
  expect(admitted(make({ ...hundred, burst: 1_000 }), 0)).toBe(10)
})

test('a burst below its share is kept', () => {
  expect(admitted(make({ ...hundred, burst: 3 }), 0)).toBe(3)
})

test('of a limit below ten a token is saved up at the pace of a tenth', () => {
  const five = { kind: 'rate', limit: 5, windowMs: 1_000, burst: 5 } as const
  expect(admitted(make(five), 999)).toBe(0)
  expect(admitted(make(five), 1_000)).toBe(1)
  expect(admitted(make(five), 10_000)).toBe(5)
})

test('what is not there tells when it is', () => {
  const bucket = make(hundred)
  expect([bucket.take(10, 0), bucket.take(1, 0), bucket.take(11, 0)]).toEqual([
    0,
    100,
    Number.POSITIVE_INFINITY,
  ])
})

test('what is given back can be taken again', () => {
  const bucket = make(hundred)
  bucket.take(10, 0)
  bucket.giveBack(4, 0)
  expect(bucket.remaining(0)).toBe(4)
})

test('a quota lets a tenth pass in each period', () => {
  const quota = { kind: 'quota', limit: 50, period: { per: 'minute' } } as const
  const bucket = make(quota)
  expect([bucket.take(5, 1_000), bucket.take(1, 1_000), bucket.take(1, 60_000)]).toEqual([
    0, 59_000, 0,
  ])
})

test('a clock that goes back opens no period again', () => {
  const quota = { kind: 'quota', limit: 10, period: { per: 'minute' } } as const
  const bucket = make(quota)
  expect([bucket.take(1, 61_000), bucket.take(1, 1_000)]).toEqual([0, 59_000])
})

test('of slots a tenth can be in use, one at the least', () => {
  const bucket = make({ kind: 'slots', limit: 4 })
  expect([bucket.take(1, 0), bucket.take(1, 0)]).toEqual([0, 1])
  bucket.release()
  expect(bucket.take(1, 0)).toBe(0)
})

test('what was taken stays taken when more isolates share the limit, or the table changes it', () => {
  const bucket = make(hundred)
  bucket.take(9, 0)
  const shared = localOf(bucket, { shape: hundred, isolates: 20 }, 0)
  expect(shared.remaining(0)).toBe(1)
  const raised = localOf(shared, { shape: { ...hundred, limit: 1_000 }, isolates: 20 }, 0)
  expect(raised.remaining(0)).toBe(1)
})

test('the same limit keeps its bucket', () => {
  const bucket = make(hundred)
  expect(localOf(bucket, { shape: { ...hundred }, isolates: 3 }, 0)).toBe(bucket)
})
