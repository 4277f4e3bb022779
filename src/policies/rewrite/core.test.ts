import { expect, test } from 'vitest'
import { expandParams, replacePattern } from './core.ts'

test.each([
  ['what was found is replaced once', '/a/a/a', /^\/a/u, '/b', '/b/a/a'],
  ['groups are filled in', '/users/7/orders', /^\/users\/([^/]+)\/orders$/u, '/o?$1', '/o?7'],
  ['a named group is filled in', '/v2/x', /^\/v(?<n>[0-9]+)/u, '/api/$<n>', '/api/2/x'],
  ['a path without a match stays', '/b', /^\/a/u, '/c', '/b'],
  ['the result is never empty', '/a', /^\/a/u, '', '/'],
  ['the result begins with a slash', '/a/b', /^\/a\//u, '', '/b'],
])('%s', (_sentence, path, pattern, replacement, expected) => {
  expect(replacePattern(path, pattern, replacement)).toBe(expected)
})

test('what stands past 8 KiB is kept and not searched', () => {
  const path = `/${'a'.repeat(9000)}/end`
  expect(replacePattern(path, /^\/(.*)$/u, '/x/$1')).toBe(`/x${path}`)
})

test('a param at the start of a segment is written out, other colons stay', () => {
  expect(expandParams('/u/:id/:name')).toBe('/u/${params.id}/${params.name}')
  expect(expandParams('/u/a:id/:id.json/::x')).toBe('/u/a:id/:id.json/::x')
})
