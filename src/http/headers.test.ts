import { expect, test } from 'vitest'
import { emptyFields, readFields } from './headers.ts'

const rules = { underscores: false, reserved: new Set<string>() }

function read(headers: Record<string, string>, more: Partial<typeof rules> = {}) {
  return readFields(new Headers(headers), { ...rules, ...more })
}

test('all fields are read, and those of a connection stay behind', () => {
  const { received, onward } = read({ Accept: '*/*', 'Keep-Alive': '5', TE: 'trailers' })
  expect({ ...received }).toEqual({ accept: '*/*', 'keep-alive': '5', te: 'trailers' })
  expect({ ...onward }).toEqual({ accept: '*/*' })
})

test('fields that Connection names stay behind, whatever their case', () => {
  const { onward } = read({ Connection: 'close, X-A ,x-b', 'x-a': '1', 'X-B': '2', 'x-c': '3' })
  expect({ ...onward }).toEqual({ 'x-c': '3' })
})

test('names with an underscore stay behind unless the table lets them pass', () => {
  expect({ ...read({ x_a: '1' }).onward }).toEqual({})
  expect({ ...read({ x_a: '1' }, { underscores: true }).onward }).toEqual({ x_a: '1' })
})

test('a reserved name stays behind', () => {
  const reserved = new Set(['x-user'])
  expect({ ...read({ 'X-User': 'root', 'x-b': '2' }, { reserved }).onward }).toEqual({ 'x-b': '2' })
})

test('an upgrade goes on only where it is to a WebSocket', () => {
  const headers = { Connection: 'Upgrade', 'sec-websocket-version': '13' }
  expect({ ...read({ ...headers, Upgrade: 'WebSocket' }).onward }).toEqual({
    upgrade: 'websocket',
    'sec-websocket-version': '13',
  })
  expect(read({ ...headers, Upgrade: 'h2c' }).onward.upgrade).toBeUndefined()
})

test('names that objects inherit are fields like any other', () => {
  const fields = emptyFields()
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(fields[name]).toBeUndefined()
    fields[name] = 'x'
    expect(Object.hasOwn(fields, name)).toBe(true)
  }
  expect(Object.keys(fields)).toHaveLength(4)
})

test('cookies of two lines are told apart as cookies are', () => {
  const { received, onward } = read({ cookie: 'a=1; b=2, c=3' })
  expect(onward.cookie).toBe('a=1; b=2; c=3')
  expect(received.cookie).toBe('a=1; b=2; c=3')
  expect(read({ cookie: 'a=x, y; b=2' }).onward.cookie).toBe('a=x, y; b=2')
})
