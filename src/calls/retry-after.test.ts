import { expect, test } from 'vitest'
import { readRetryAfter } from './retry-after.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

test.each([
  ['0', 0],
  ['2', 2_000],
  [' 120 ', 120_000],
  ['Fri, 02 Jan 2026 03:04:07 GMT', 2_000],
  ['Fri, 02 Jan 2026 03:04:01 GMT', 0],
])('%j is %d milliseconds', (value, ms) => {
  expect(readRetryAfter(value, NOW)).toBe(ms)
})

test.each(['', 'soon', '-1', '1.5', '2026-01-02', '99999999999', 'Fri, nonsense'])(
  '%j is neither seconds nor a date',
  (value) => {
    expect(readRetryAfter(value, NOW)).toBeNull()
  },
)
