import { expect, test } from 'vitest'
import { parseBasic } from './core.ts'

const encode = (pair: string) => btoa(String.fromCharCode(...new TextEncoder().encode(pair)))

test('the example of RFC 7617 §2 is read', () => {
  expect(parseBasic('QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toEqual({
    user: 'Aladdin',
    password: 'open sesame',
  })
})

test('the example of RFC 7617 §2.1 is read as UTF-8', () => {
  expect(parseBasic('dGVzdDoxMjPCow==')).toEqual({ user: 'test', password: '123£' })
})

test('a password may have colons, and either part may be empty', () => {
  expect(parseBasic(encode('a:b:c'))).toEqual({ user: 'a', password: 'b:c' })
  expect(parseBasic(encode(':'))).toEqual({ user: '', password: '' })
})

test.each([
  ['nothing', ''],
  ['no Base64', 'a b'],
  ['Base64 of the URL alphabet', 'YTo_'],
  ['Base64 of no whole byte', 'YTpiY'],
  ['no colon', encode('ada')],
  ['Latin-1 in the place of UTF-8', btoa('test:123\u00a3')],
  ['a control character', encode('a:b\n')],
])('%s is no pair', (_what, token) => {
  expect(parseBasic(token)).toBeNull()
})
