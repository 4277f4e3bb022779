import { expect, test } from 'vitest'
import { allowsRange, isNotModified } from './etag.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const DATE = { dateMs: NOW - 1000, now: NOW }
const CHANGED = 'Thu, 01 Jan 2026 10:00:00 GMT'
const LATER = 'Thu, 01 Jan 2026 11:00:00 GMT'
const EARLIER = 'Thu, 01 Jan 2026 09:00:00 GMT'

test.each([
  ['"a"', '"a"', true],
  ['W/"a"', '"a"', true],
  ['"a"', 'W/"a"', true],
  ['"b", "a", "c"', '"a"', true],
  ['"x,y", "a"', '"a"', true],
  ['*', '"a"', true],
  ['"b"', '"a"', false],
  ['"a"', null, false],
  ['"A"', '"a"', false],
] as const)('If-None-Match `%s` on ETag `%s` is a 304: %s', (ifNoneMatch, etag, expected) => {
  const conditions = { ifNoneMatch, ifModifiedSince: undefined }
  expect(isNotModified(conditions, { etag, lastModified: null }, DATE)).toBe(expected)
})

test.each([
  [CHANGED, CHANGED, true],
  [LATER, CHANGED, true],
  [EARLIER, CHANGED, false],
  ['soon', CHANGED, false],
  // §4.3.2: without Last-Modified the date of the answer stands in.
  [LATER, null, false],
  ['Thu, 01 Jan 2026 12:00:00 GMT', null, true],
] as const)('If-Modified-Since `%s` on `%s` is a 304: %s', (since, lastModified, expected) => {
  const conditions = { ifNoneMatch: undefined, ifModifiedSince: since }
  expect(isNotModified(conditions, { etag: null, lastModified }, DATE)).toBe(expected)
})

test('If-None-Match alone decides where both are there', () => {
  const both = { ifNoneMatch: '"b"', ifModifiedSince: LATER }
  expect(isNotModified(both, { etag: '"a"', lastModified: CHANGED }, DATE)).toBe(false)
  const same = { ifNoneMatch: '"a"', ifModifiedSince: EARLIER }
  expect(isNotModified(same, { etag: '"a"', lastModified: CHANGED }, DATE)).toBe(true)
})

test.each([
  [undefined, '"a"', CHANGED, true],
  ['"a"', '"a"', null, true],
  ['"b"', '"a"', null, false],
  // A range of a weak twin would be of other bytes.
  ['W/"a"', 'W/"a"', null, false],
  ['"a"', null, null, false],
  [CHANGED, null, CHANGED, true],
  [LATER, null, CHANGED, false],
  [CHANGED, null, null, false],
] as const)(
  'If-Range `%s` on `%s` of `%s` allows a range: %s',
  (ifRange, etag, lastModified, is) => {
    expect(allowsRange(ifRange, { etag, lastModified }, DATE)).toBe(is)
  },
)
