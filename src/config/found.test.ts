import { expect, test } from 'vitest'
import { showFound } from './found.ts'

test.each([
  [undefined, 'nothing'],
  [null, 'null'],
  ['60s', '"60s"'],
  [5, '5'],
  [[1, 2], 'a list of 2'],
  [{}, 'an object'],
])('%j is shown as %s', (value, shown) => {
  expect(showFound(value, ['routes', 0, 'timeoutMs'])).toBe(shown)
})

test('a long text is cut to 40 characters', () => {
  expect(showFound('a'.repeat(100), ['routes', 0, 'name'])).toBe(`"${'a'.repeat(39)}…"`)
})

test.each([
  [['routes', 0, 'match', 'headers', 'x-key']],
  [['routes', 0, 'policies', 0, 'set', 'x-key']],
  [['upstreams', 'a', 'headers', 'authorization', 'prefix']],
  [['routes', 0, 'policies', 0, 'password']],
])('a value at %j is never shown', (path) => {
  expect(showFound('canary', path)).toBe('text')
})

test('the user and the query of a URL are left out', () => {
  const shown = showFound('https://user:canary@a.example.com/?token=canary', ['targets', 0])
  expect(shown).not.toContain('canary')
})
