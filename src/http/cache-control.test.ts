import { expect, test } from 'vitest'
import { fieldsNamedBy, isUnqualified, parseCacheControl, secondsOf } from './cache-control.ts'

test.each([
  ['max-age=60', 60],
  ['MaX-aGe=60', 60],
  ['foo, max-age=60', 60],
  ['max-age="60"', 60],
  ['max-age=0060', 60],
  // §4.2.1: of several the first.
  ['max-age=60, max-age=1', 60],
  ['extension="max-age=3600", max-age=1', 1],
  ['max-age=1, extension="max-age=3600"', 1],
  ['extension="a\\", max-age=3600", max-age=1', 1],
  // §1.2.2: what is too large to be held is the largest that is.
  ['max-age=99999999999999999999', 2_147_483_648],
  ['s-maxage=60', null],
  ['', null],
  // What is malformed is there, and says no number.
  ['max-age', 'invalid'],
  ['max-age=', 'invalid'],
  ['max-age=-60', 'invalid'],
  ['max-age=60.5', 'invalid'],
  ['max-age=60a', 'invalid'],
  ["max-age='60'", 'invalid'],
  ['max-age =60', 'invalid'],
  ['max-age= 60', 'invalid'],
  ['max-age="60', 'invalid'],
] as const)('the lifetime in `%s` is %s', (field, seconds) => {
  expect(secondsOf(parseCacheControl(field), 'max-age')).toBe(seconds)
})

test.each([
  ['no-cache', null, true],
  ['no-cache="Set-Cookie, X-A"', ['set-cookie', 'x-a'], false],
  ['no-cache=X-A', ['x-a'], false],
  // A list that cannot be read holds for the whole answer.
  ['no-cache=""', null, true],
  ['no-cache="x-a', null, true],
  ['max-age=1', null, false],
] as const)('of `%s` the fields are %j', (field, names, whole) => {
  const directives = parseCacheControl(field)
  expect(fieldsNamedBy(directives, 'no-cache')).toEqual(names)
  expect(isUnqualified(directives, 'no-cache')).toBe(whole)
})

test('a name that objects inherit is no directive', () => {
  expect(parseCacheControl('max-age=1').has('constructor')).toBe(false)
})
