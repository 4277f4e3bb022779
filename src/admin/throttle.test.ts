import { expect, test } from 'vitest'
import { TokenThrottle } from './throttle.ts'

function countTimes(throttle: TokenThrottle, times: number, address: string | null, now: number) {
  for (let count = 0; count < times; count++) throttle.count(address, now)
}

test('an address with nine wrong tokens may try again', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 9, '192.0.2.1', 0)
  expect(throttle.waitSeconds('192.0.2.1', 0)).toBeNull()
})

test('an address with ten wrong tokens waits for the rest of the minute', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 10, '192.0.2.1', 1_000)
  expect(throttle.waitSeconds('192.0.2.1', 21_500)).toBe(40)
  expect(throttle.waitSeconds('192.0.2.1', 60_999)).toBe(1)
  expect(throttle.waitSeconds('192.0.2.1', 61_000)).toBeNull()
})

test('a new minute begins with a new count', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 10, '192.0.2.1', 0)
  throttle.count('192.0.2.1', 60_000)
  expect(throttle.waitSeconds('192.0.2.1', 60_000)).toBeNull()
})

test('one address does not lock another out', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 10, '192.0.2.1', 0)
  expect(throttle.waitSeconds('192.0.2.2', 0)).toBeNull()
})

test('the addresses of one IPv6 network share a count', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 5, '2001:db8:0:1::1', 0)
  countTimes(throttle, 5, '2001:db8::1:ffff:0:0:2', 0)
  expect(throttle.waitSeconds('2001:db8:0:1::3', 0)).not.toBeNull()
  expect(throttle.waitSeconds('2001:db8:0:2::3', 0)).toBeNull()
})

test('callers without an address share a count', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 10, null, 0)
  expect(throttle.waitSeconds(null, 0)).toBe(60)
})

test('a clock that is set back locks nobody out', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 10, '192.0.2.1', 3_600_000)
  expect(throttle.waitSeconds('192.0.2.1', 0)).toBeNull()
})

test('ten thousand newer addresses push the oldest out', () => {
  const throttle = new TokenThrottle()
  countTimes(throttle, 10, 'oldest', 0)
  for (let index = 0; index < 9_999; index++) throttle.count(`address ${index}`, 1)
  expect(throttle.waitSeconds('oldest', 1)).not.toBeNull()
  throttle.count('one more', 1)
  expect(throttle.waitSeconds('oldest', 1)).toBeNull()
})
