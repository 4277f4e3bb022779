import { expect, test } from 'vitest'
import { mapStatus, readStatusMap } from './core.ts'

const map = readStatusMap({ '501': 404, '5xx': 502, '404': 404, '2xx': 200 })

test.each([
  [501, 404],
  [500, 502],
  [503, 502],
  [201, 200],
])('%i goes out as %i', (from, to) => {
  expect(mapStatus(from, map)).toBe(to)
})

test.each([
  ['a status that no key names', 400],
  ['a status that is mapped to itself', 404],
  ['a status that the class gives already', 502],
  ['an upgrade', 101],
])('%s stays', (_what, status) => {
  expect(mapStatus(status, map)).toBeNull()
})

test('304 stays whatever is said of 3xx', () => {
  expect(mapStatus(304, readStatusMap({ '3xx': 200 }))).toBeNull()
  expect(mapStatus(302, readStatusMap({ '3xx': 200 }))).toBe(200)
})
