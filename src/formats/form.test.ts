/** Golden pairs of forms and queries, both ways. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readForm, writeForm } from './form.ts'

test.each([
  ['', {}],
  ['a=1', { a: '1' }],
  ['a=1&b=2', { a: '1', b: '2' }],
  ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
  ['a=&a=', { a: ['', ''] }],
  ['a', { a: '' }],
  ['=1', { '': '1' }],
  ['&&a=1&&', { a: '1' }],
  ['a=b=c', { a: 'b=c' }],
  ['a+b=c+d', { 'a b': 'c d' }],
  ['a%2Bb=%26%3D', { 'a+b': '&=' }],
  ['n=%C3%BC', { n: 'ü' }],
  ['n=ü', { n: 'ü' }],
  ['a.b=1&c[0]=2', { 'a.b': '1', 'c[0]': '2' }],
])('reads %j', (text, value) => {
  expect(readForm(text)).toEqual({ kind: 'value', value })
})

test.each(['a=%', 'a=%4', 'a=%zz', '%=1', 'a=%FF', 'a=%C3', 'a=%ED%A0%80', 'a=%00%'])(
  'refuses %j, whose escapes are no text',
  (text) => {
    expect(readForm(text)).toMatchObject({ kind: 'invalid' })
  },
)

test('names that objects have are names like any other', () => {
  expect(JSON.stringify(readForm('__proto__=1&constructor=2&__proto__=3&toString=4'))).toBe(
    '{"kind":"value","value":{"__proto__":["1","3"],"constructor":"2","toString":"4"}}',
  )
})

test('10,000 pairs are read, one more is not', () => {
  expect(readForm('a=1&'.repeat(10_000))).toMatchObject({ kind: 'value' })
  expect(readForm('a=1&'.repeat(10_001))).toMatchObject({ kind: 'invalid' })
})

test.each([
  [{}, ''],
  [{ a: 'x', b: 1, c: true }, 'a=x&b=1&c=true'],
  [{ a: ['1', 2, null] }, 'a=1&a=2&a='],
  [{ a: null, b: undefined, c: [] }, 'a='],
  [{ 'a b': 'c+d&e=f' }, 'a+b=c%2Bd%26e%3Df'],
  [{ a: "!'()*~-._" }, 'a=%21%27%28%29*%7E-._'],
  [{ a: { b: 1 } }, 'a=%7B%22b%22%3A1%7D'],
  [{ a: [[1, 2]] }, 'a=%5B1%2C2%5D'],
  [{ ü: 'ü' }, '%C3%BC=%C3%BC'],
])('writes %j', (value, text) => {
  expect(writeForm(value)).toEqual({ kind: 'bytes', bytes: text })
})

test('pairs are written as URLSearchParams writes them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
      const bytes = new URLSearchParams([[name, value]]).toString()
      expect(writeForm(Object.fromEntries([[name, value]]))).toEqual({ kind: 'bytes', bytes })
    }),
  )
})

test.each([[null], ['x'], [[1]], [{ a: '\ud800' }], [{ '\ud800': 1 }], [{ a: [1n] }]])(
  'writes no pairs from %o',
  (value) => {
    expect(writeForm(value)).toMatchObject({ kind: 'invalid' })
  },
)
