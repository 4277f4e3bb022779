import { expect, test } from 'vitest'
import { wholeSeconds, writeLimit, writePolicy } from './rate-limit-fields.ts'

test('a rate is written with its window', () => {
  const policy = { name: 'rate-limit-1', quota: 100, windowSeconds: 60 }
  expect(writePolicy(policy)).toBe('"rate-limit-1";q=100;w=60')
})

test('requests at the same time have a unit and no window', () => {
  const policy = { name: 'slots', quota: 5, windowSeconds: null }
  expect(writePolicy(policy)).toBe('"slots";q=5;qu="concurrent-requests"')
})

test('what is left is written without a time', () => {
  expect(writeLimit({ name: 'a', remaining: 3.9, resetMs: 10 })).toBe('"a";r=3')
})

test('where nothing is left the time until more is told, never too early', () => {
  expect(writeLimit({ name: 'a', remaining: 0, resetMs: 1001 })).toBe('"a";r=0;t=2')
  expect(writeLimit({ name: 'a', remaining: -2, resetMs: 1 })).toBe('"a";r=0;t=1')
  expect(writeLimit({ name: 'a', remaining: 0, resetMs: null })).toBe('"a";r=0')
})

test('a name is a string of structured fields', () => {
  expect(writeLimit({ name: 'a"b\\c', remaining: 1, resetMs: null })).toBe('"a\\"b\\\\c";r=1')
  expect(writeLimit({ name: 'ü😀', remaining: 1, resetMs: null })).toBe('"??";r=1')
})

test.each([
  [0, 1],
  [1, 1],
  [1000, 1],
  [1001, 2],
])('%i ms are %i whole seconds', (ms, seconds) => {
  expect(wholeSeconds(ms)).toBe(seconds)
})
