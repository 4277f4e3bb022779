import { expect, test } from 'vitest'
import { limitOf, readDeadline } from './core.ts'

test.each([
  ['0', 0],
  ['1', 1],
  ['250', 250],
  ['999999999', 999_999_999],
])('%j milliseconds are read', (value, ms) => {
  expect(readDeadline(value)).toBe(ms)
})

test.each([undefined, '', '-1', '1.5', '1e3', '250ms', ' 5', '250, 300', '9999999999'])(
  '%j says nothing',
  (value) => {
    expect(readDeadline(value)).toBeNull()
  },
)

const nothing = { timeoutMs: null, clientMs: null, maxMs: null, elapsedMs: 0 }

test.each([
  [nothing, null],
  [
    { ...nothing, timeoutMs: 500 },
    { ms: 500, by: 'table' },
  ],
  [
    { ...nothing, clientMs: 300 },
    { ms: 300, by: 'client' },
  ],
  [
    { ...nothing, timeoutMs: 500, clientMs: 300 },
    { ms: 300, by: 'client' },
  ],
  [
    { ...nothing, timeoutMs: 500, clientMs: 500 },
    { ms: 500, by: 'table' },
  ],
  [
    { ...nothing, timeoutMs: 500, clientMs: 900 },
    { ms: 500, by: 'table' },
  ],
  [
    { ...nothing, clientMs: 900, maxMs: 200 },
    { ms: 200, by: 'client' },
  ],
  [
    { ...nothing, clientMs: 300, elapsedMs: 100 },
    { ms: 200, by: 'client' },
  ],
  [
    { ...nothing, clientMs: 300, elapsedMs: 300 },
    { ms: 0, by: 'client' },
  ],
  [
    { ...nothing, timeoutMs: 500, elapsedMs: 400 },
    { ms: 500, by: 'table' },
  ],
] as const)('the limit of %j is %j', (asked, limit) => {
  expect(limitOf(asked)).toEqual(limit)
})
