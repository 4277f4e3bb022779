import { expect, test } from 'vitest'
import { bindFind, hasEnded, lifecycleFields, orderVersions, statusFor } from './core.ts'

const dates = ['2024-01-01', '2024-06-01', '2025-01-01']

test.each([
  [
    ['2025-01-01', '2024-01-01'],
    ['2024-01-01', '2025-01-01'],
  ],
  [
    ['10', '9', '1'],
    ['1', '9', '10'],
  ],
  [
    ['beta', 'alpha'],
    ['beta', 'alpha'],
  ],
  [[], []],
])('%j stand in the order %j', (names, ordered) => {
  expect(orderVersions(names)).toEqual(ordered)
})

test.each([
  ['2024-06-01', 1],
  ['2024-05-31', 0],
  ['2024-06-02', 1],
  ['2030-12-31', 2],
  ['2023-12-31', null],
  ['2024-02-30', null],
  ['2024-06', null],
  ['v2024-06-01', 1],
  ['newest', null],
])('the date %s means version %j', (asked, index) => {
  expect(bindFind(dates)(asked)).toBe(index)
})

test.each([
  ['v2', 1],
  ['V2', 1],
  [' v2 ', 1],
  ['2', 1],
  ['v02', null],
  ['vintage', null],
  ['2024-06-01', null],
  ['__proto__', null],
  ['v2'.padEnd(101, ' '), null],
])('of v1 and v2 the name %j means %j', (asked, index) => {
  expect(bindFind(['v1', 'v2'])(asked)).toBe(index)
})

const life = { deprecatedAt: null, sunsetAt: null, link: null, isRefusedAfter: false }

test('a version without dates says nothing', () => {
  expect(lifecycleFields(life)).toEqual([])
})

test('dates go out in the form of their fields, with a link for each', () => {
  const deprecatedAt = Date.UTC(2025, 0, 1)
  const sunsetAt = Date.UTC(2026, 5, 30, 23, 59, 59)
  const link = 'https://docs.example.com/v1'
  expect(lifecycleFields({ ...life, deprecatedAt, sunsetAt, link })).toEqual([
    ['Deprecation', '@1735689600'],
    ['Link', '<https://docs.example.com/v1>; rel="deprecation"'],
    ['Sunset', 'Tue, 30 Jun 2026 23:59:59 GMT'],
    ['Link', '<https://docs.example.com/v1>; rel="sunset"'],
  ])
})

test('a version ends at its sunset, where it is to be refused then', () => {
  const ending = { ...life, sunsetAt: 1_000, isRefusedAfter: true }
  expect([999, 1_000, 1_001].map((now) => hasEnded(ending, now))).toEqual([false, true, true])
  expect(hasEnded({ ...ending, isRefusedAfter: false }, 1_001)).toBe(false)
  expect(hasEnded({ ...life, isRefusedAfter: true }, 1_001)).toBe(false)
})

test('a status passes the maps of later versions, the newest first', () => {
  const maps = [new Map([[400, 1]]), new Map([[400, 418]]), new Map([[422, 400]])]
  expect(statusFor(422, 2, maps)).toBe(422)
  expect(statusFor(422, 1, maps)).toBe(400)
  expect(statusFor(422, 0, maps)).toBe(418)
  expect(statusFor(200, 0, [null, null, null])).toBe(200)
})
