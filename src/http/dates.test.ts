import { expect, test } from 'vitest'
import { parseHttpDate, writeHttpDate } from './dates.ts'

const NOW = Date.UTC(2026, 0, 1)
const TIME = Date.UTC(2050, 7, 18, 2, 1, 18)

test.each([
  ['Thu, 18 Aug 2050 02:01:18 GMT', TIME],
  ['THU, 18 AUG 2050 02:01:18 gMT', TIME],
  ['Thursday, 18-Aug-50 02:01:18 GMT', TIME],
  ['Thu Aug 18 02:01:18 2050', TIME],
  ['Mon Aug  8 02:01:18 2050', Date.UTC(2050, 7, 8, 2, 1, 18)],
  ['Sun, 06 Nov 1994 08:49:60 GMT', Date.UTC(1994, 10, 6, 8, 49, 59)],
  // More than 50 years ahead is the century before.
  ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
] as const)('`%s` is a date', (text, time) => {
  expect(parseHttpDate(text, NOW)).toBe(time)
})

test.each([
  '0',
  '',
  'Thu, 18 Aug 2050 02:01:18 UTC',
  'Thu, 18 Aug 2050 02:01:18 AEST',
  'Thu, 18 Aug 50 02:01:18 GMT',
  'Thu 18 Aug 2050 02:01:18 GMT',
  'Thu, 18  Aug  2050 02:01:18 GMT',
  'Thu, 18-Aug-2050 02:01:18 GMT',
  'Thu, 18 Aug 2050 02.01.18 GMT',
  'Thu, 18 Aug 2050 2:01:18 GMT',
  'Thu, 18 Aug 2050 25:01:18 GMT',
  'Thu, 31 Feb 2050 02:01:18 GMT',
  'Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:19 GMT',
])('`%s` is no date', (text) => {
  expect(parseHttpDate(text, NOW)).toBeNull()
})

test('what is written can be read', () => {
  expect(writeHttpDate(TIME)).toBe('Thu, 18 Aug 2050 02:01:18 GMT')
})
