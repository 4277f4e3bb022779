import { expect, test } from 'vitest'
import { beginCount, countRequest, floodKey, forgottenAt } from './core.ts'

const shape = { kind: 'rate', limit: 2, windowMs: 10_000, burst: 3 } as const

test('a burst is admitted, and the next request waits for one part of the window', () => {
  const count = beginCount(shape, 0)
  expect([0, 0, 0, 0].map((now) => countRequest(count, shape, now))).toEqual([0, 0, 0, 5_000])
  expect(countRequest(count, shape, 4_999)).toBe(1)
  expect(countRequest(count, shape, 5_000)).toBe(0)
})

test('a refused request costs nothing: who waits as long as he was told is admitted', () => {
  const count = beginCount(shape, 0)
  for (let request = 0; request < 100; request += 1) countRequest(count, shape, 0)
  expect(countRequest(count, shape, 5_000)).toBe(0)
})

test('a new limit holds at once, and what was spent stays spent', () => {
  const count = beginCount(shape, 0)
  for (let request = 0; request < 3; request += 1) countRequest(count, shape, 0)
  const wider = { kind: 'rate', limit: 100, windowMs: 10_000, burst: 100 } as const
  expect(countRequest(count, wider, 0)).toBe(100)
  expect(countRequest(count, wider, 100)).toBe(0)
})

test('an address is kept for as long as its bucket needs to be full again', () => {
  expect(forgottenAt(shape, 1_000)).toBe(16_000)
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8::ffff:1', '2001:db8:0:0'],
  [null, ''],
])('%s counts as %s', (address, key) => {
  expect(floodKey(address)).toBe(key)
})
