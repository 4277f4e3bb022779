import { expect, test } from 'vitest'
import { isWithin, locatorOf, pointerOf, valueAt } from './pointer.ts'

test('slashes and tildes in keys are escaped', () => {
  expect(pointerOf(['match', 'body', '/a~b'])).toBe('/match/body/~1a~0b')
})

test('a pointer lies within itself and its ancestors, not within a longer name', () => {
  expect(isWithin('/routes/1', '/routes/1')).toBe(true)
  expect(isWithin('/routes/1/name', '/routes/1')).toBe(true)
  expect(isWithin('/routes/10', '/routes/1')).toBe(false)
})

test('a value is found by own keys alone', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1)
  expect(valueAt({ a: {} }, ['a', 'constructor'])).toBeUndefined()
})

test('a pointer is found at the line and column of its key', () => {
  const locate = locatorOf('{\n  // users\n  "routes": [\n    { "name": "a" }\n  ]\n}')
  expect(locate('/routes')).toEqual({ line: 3, column: 3 })
  expect(locate('/routes/0/name')).toEqual({ line: 4, column: 7 })
})

test('a missing key is found at the object that lacks it', () => {
  const locate = locatorOf('{ "routes": [\n  {} ] }')
  expect(locate('/routes/0/match/path')).toEqual({ line: 2, column: 3 })
  expect(locate('/version')).toEqual({ line: 1, column: 1 })
})
