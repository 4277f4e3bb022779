import { expect, test } from 'vitest'
import { readCookie } from './cookies.ts'

test.each([
  ['a cookie is found among others', 'a=1; session=x.y; b=2', 'session', 'x.y'],
  ['the first of a repeated name counts', 'a=1; a=2', 'a', '1'],
  ['quotes around a value are left out', 'a="1 2"', 'a', '1 2'],
  ['a value may hold "="', 'a=b=c', 'a', 'b=c'],
  ['a name is compared with its case', 'A=1', 'a', null],
  ['the name within a value is not found', 'x=session', 'session', null],
  ['a request without cookies has none', undefined, 'a', null],
])('%s', (_sentence, header, name, value) => {
  expect(readCookie(header, name)).toBe(value)
})
