import { expect, test } from 'vitest'
import { methodFor, planRequest, queryOfValue, valueOfQuery } from './core.ts'

test('JSON is read and written unless the table says otherwise, and XML in an envelope', () => {
  const use = 'transform-request' as const
  expect(planRequest({ use, wrap: 'a' })).toEqual({ from: 'json', to: 'json' })
  expect(planRequest({ use, from: 'xml' })).toEqual({ from: 'xml', to: 'json' })
  expect(planRequest({ use, soap: { version: '1.1' } })).toEqual({ from: 'json', to: 'xml' })
})

test.each([
  ['GET', undefined, 'json', 'POST'],
  ['HEAD', undefined, 'xml', 'POST'],
  ['PUT', undefined, 'json', 'PUT'],
  ['GET', undefined, 'query', 'GET'],
  ['POST', 'GET', 'query', 'GET'],
  ['GET', 'PUT', 'json', 'PUT'],
] as const)('%s with method %s to %s goes on as %s', (method, wanted, to, expected) => {
  expect(methodFor(method, wanted, to)).toBe(expected)
})

test('a query is a value, with a list where a name comes twice', () => {
  expect(valueOfQuery('?a=1&b=x+y&a=%C3%BC')).toEqual({
    kind: 'value',
    value: { a: ['1', 'ü'], b: 'x y' },
  })
  expect(valueOfQuery('')).toEqual({ kind: 'value', value: {} })
})

test('a value is a query, encoded', () => {
  expect(queryOfValue({ a: [1, true], 'b c': 'x&y=ü' })).toBe('?a=1&a=true&b+c=x%26y%3D%C3%BC')
  expect(queryOfValue({})).toBe('')
})

test('what has no place in a query is invalid', () => {
  expect(queryOfValue('text')).toMatchObject({ kind: 'invalid' })
})
