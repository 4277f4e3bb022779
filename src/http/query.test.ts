import { expect, test } from 'vitest'
import { isNamed, readParameter } from './query.ts'

test.each([
  ['the first of a repeated name counts', '?a=1&a=2', 'a', '1'],
  ['a value is decoded', '?q=caf%C3%A9+au%20lait', 'q', 'café au lait'],
  ['a name is decoded', '?a%5Bb%5D=1', 'a[b]', '1'],
  ['a name without "=" has an empty value', '?flag&x=1', 'flag', ''],
  ['a value may hold "="', '?t=a=b', 't', 'a=b'],
  ['empty pairs are passed over', '?&&a=1', 'a', '1'],
  ['a name that is only part of another is not found', '?aa=1', 'a', null],
  ['empty pairs have no name', '?', '', null],
  ['case counts', '?A=1', 'a', null],
  ['an empty query has no parameter', '', 'a', null],
  ['broken escapes stay as text', '?a=100%', 'a', '100%'],
  ['bytes that are no UTF-8 become U+FFFD', '?a=%FFx', 'a', '\uFFFDx'],
])('%s', (_sentence, query, name, value) => {
  expect(readParameter(query, name)).toBe(value)
})

test('a name with a plus is only found encoded', () => {
  expect(isNamed('a+b', 'a+b')).toBe(false)
  expect(isNamed('a%2Bb', 'a+b')).toBe(true)
})

test.each([
  ...['%', '%2', '%zz+b', '%41%', '+%2B', '%E2%82', 'a%00b', '%FF', '%EF%BB%BF%'].map(
    (value) => `?a=${value}`,
  ),
  '?=1&a=2',
  '?b=1&a',
  '?%=1&a=3',
])('the query %j is read as the URL standard says', (query) => {
  expect(readParameter(query, 'a')).toBe(new URLSearchParams(query).get('a'))
})
