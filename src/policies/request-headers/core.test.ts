import { expect, test } from 'vitest'
import { fields } from '../../../test/exchange.ts'
import { changeHeader } from './core.ts'

test('T8: headers that no change names are kept', () => {
  const headers = fields({ 'content-type': 'application/json', accept: '*/*', 'x-a': '1' })
  changeHeader(headers, { kind: 'set', name: 'x-a', value: '2' })
  changeHeader(headers, { kind: 'remove', name: 'x-b' })
  expect({ ...headers }).toEqual({
    'content-type': 'application/json',
    accept: '*/*',
    'x-a': '2',
  })
})

test('T8: an added value stands after what is there', () => {
  const headers = fields({ 'x-list': 'a' })
  changeHeader(headers, { kind: 'add', name: 'x-list', value: 'b' })
  expect(headers['x-list']).toBe('a, b')
})

test('an added value stands alone where nothing is there', () => {
  const headers = fields({})
  changeHeader(headers, { kind: 'add', name: 'x-list', value: 'b' })
  expect(headers['x-list']).toBe('b')
})

test('cookies are joined by a semicolon', () => {
  const headers = fields({ cookie: 'a=1' })
  changeHeader(headers, { kind: 'add', name: 'cookie', value: 'b=2' })
  expect(headers.cookie).toBe('a=1; b=2')
})

test('a renamed field replaces what stood under the new name', () => {
  const headers = fields({ 'x-old': '1', 'x-new': '2' })
  changeHeader(headers, { kind: 'rename', name: 'x-old', to: 'x-new' })
  expect({ ...headers }).toEqual({ 'x-new': '1' })
})

test('a field that is not there is not renamed, and hides nothing', () => {
  const headers = fields({ 'x-new': '2' })
  changeHeader(headers, { kind: 'rename', name: 'x-old', to: 'x-new' })
  expect({ ...headers }).toEqual({ 'x-new': '2' })
})

test('a field called __proto__ is a field like any other', () => {
  const headers = fields({})
  changeHeader(headers, { kind: 'set', name: '__proto__', value: '1' })
  expect(Object.keys(headers)).toEqual(['__proto__'])
})
