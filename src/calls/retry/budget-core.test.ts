import { expect, test } from 'vitest'
import { ADVANCE, countRequest, emptyPurse, grant, type Purse, takeRetry } from './budget-core.ts'

const NOW = 1_000_000

/** A purse whose advance is spent and forgotten. */
function spent(): Purse {
  const purse = emptyPurse()
  purse.tokens = 0
  return purse
}

function countRequests(purse: Purse, count: number, now: number): void {
  for (let index = 0; index < count; index += 1) countRequest(purse, now)
}

function takeAll(purse: Purse, now: number, percent = 20): number {
  let taken = 0
  while (taken < 1_000 && takeRetry(purse, percent, now)) taken += 1
  return taken
}

test('a fifth of the requests may be retried', () => {
  const purse = spent()
  countRequests(purse, 50, NOW)
  expect(takeAll(purse, NOW)).toBe(10)
})

test('the requests of ten seconds count, and no older ones', () => {
  const purse = spent()
  countRequests(purse, 50, NOW)
  expect(takeAll(purse, NOW + 9_000)).toBe(10)
  const late = spent()
  countRequests(late, 50, NOW)
  expect(takeAll(late, NOW + 10_000)).toBe(0)
})

test('retries of the last ten seconds count as well', () => {
  const purse = spent()
  countRequests(purse, 50, NOW)
  takeAll(purse, NOW)
  countRequests(purse, 25, NOW + 5_000)
  expect(takeAll(purse, NOW + 5_000)).toBe(5)
})

test('an isolate that heard nothing yet has a small advance, once', () => {
  const purse = emptyPurse()
  countRequest(purse, NOW)
  expect(takeAll(purse, NOW)).toBe(ADVANCE)
  expect(takeAll(purse, NOW + 60_000)).toBe(0)
})

test('the advance and the share do not add up', () => {
  const purse = emptyPurse()
  countRequests(purse, 50, NOW)
  expect(takeAll(purse, NOW)).toBe(10)
})

test('what the object granted comes second by second, and is kept for one', () => {
  const purse = spent()
  grant(purse, 4, NOW + 15_000, NOW)
  expect(takeAll(purse, NOW + 500)).toBe(2)
  expect(takeAll(purse, NOW + 10_500)).toBe(4)
})

test('a part of the floor below one a second still comes to whole retries', () => {
  const purse = spent()
  grant(purse, 0.25, NOW + 15_000, NOW)
  expect(takeAll(purse, NOW + 3_900)).toBe(0)
  expect(takeAll(purse, NOW + 4_000)).toBe(1)
})

test('a grant that is over gives nothing any more', () => {
  const purse = spent()
  grant(purse, 4, NOW + 1_000, NOW)
  expect(takeAll(purse, NOW + 20_000)).toBe(4)
  expect(takeAll(purse, NOW + 40_000)).toBe(0)
})

test('with 0 percent nothing is retried', () => {
  const purse = emptyPurse()
  countRequests(purse, 50, NOW)
  expect(takeAll(purse, NOW, 0)).toBe(0)
})

test('a clock that was set back forgets nothing and earns nothing', () => {
  const purse = spent()
  countRequests(purse, 50, NOW)
  grant(purse, 4, NOW + 15_000, NOW)
  expect(takeAll(purse, NOW - 60_000)).toBe(10)
})
