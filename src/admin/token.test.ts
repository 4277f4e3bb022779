import { expect, test } from 'vitest'
import { parseIfMatch } from './if-match.ts'
import { bearerOf, isAdminToken } from './token.ts'

const config = { token: 'now', nextToken: 'next', hosts: null }

test.each([
  { given: 'now', config, right: true },
  { given: 'next', config, right: true },
  { given: 'no', config, right: false },
  { given: 'now ', config, right: false },
  { given: '', config, right: false },
  { given: '', config: { ...config, nextToken: null }, right: false },
  { given: '', config: { ...config, token: null, nextToken: null }, right: false },
  { given: 'next', config: { ...config, nextToken: null }, right: false },
])('the token "$given" is right: $right', async ({ given, config, right }) => {
  expect(await isAdminToken(given, config)).toBe(right)
})

test.each([
  { field: 'Bearer abc', token: 'abc' },
  { field: 'bearer  abc ', token: 'abc' },
  { field: 'Basic abc', token: null },
  { field: 'Bearer', token: null },
  { field: 'Bearer a b', token: null },
  { field: undefined, token: null },
])('"$field" carries the token $token', ({ field, token }) => {
  expect(bearerOf(field)).toBe(token)
})

test.each([
  { field: undefined, condition: null },
  { field: '*', condition: '*' },
  { field: '"a"', condition: ['a'] },
  { field: '"a", "b"', condition: ['a', 'b'] },
  { field: 'a', condition: ['a'] },
  { field: 'W/"a"', condition: [] },
  { field: '', condition: [] },
])('If-Match $field is the condition $condition', ({ field, condition }) => {
  expect(parseIfMatch(field)).toEqual(condition)
})
