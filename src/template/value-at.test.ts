import { expect, test } from 'vitest'
import { valueAt } from './value-at.ts'

test.each([
  [{ a: [{ b: 1 }] }, ['a', '0', 'b'], 1],
  [{ a: null }, ['a', 'b'], undefined],
  [{}, ['constructor', 'name'], undefined],
  [{}, ['__proto__'], undefined],
  [JSON.parse('{"__proto__":7}'), ['__proto__'], 7],
  [[1, 2], ['length'], undefined],
  ['text', ['length'], undefined],
  [7, [], 7],
])('in %j the path %j leads to %j', (value, path, found) => {
  expect(valueAt(value, path)).toBe(found)
})
