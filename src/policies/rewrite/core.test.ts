import { expect, test } from 'vitest'
import { expandParams, hasDotSegment, replacePattern, replacePrefix, stripPrefix } from './core.ts'

test.each([
  ['whole segments are taken off the front', '/api/v1/users/7', '/api/v1', '/users/7'],
  [
    'T9: a name that only begins like the prefix stays',
    '/api/v10/users',
    '/api/v1',
    '/api/v10/users',
  ],
  ['T9: the prefix elsewhere in the path stays', '/x/api/v1/users', '/api/v1', '/x/api/v1/users'],
  ['T9: a second occurrence stays', '/api/v1/api/v1/users', '/api/v1', '/api/v1/users'],
  ['the path that is the prefix becomes the root', '/api/v1', '/api/v1', '/'],
  ['a slash after the prefix stays', '/api/v1/', '/api/v1', '/'],
  ['a slash at the end of the prefix does not count', '/api/v1/users', '/api/v1/', '/users'],
  ['the root as prefix changes nothing', '/users', '/', '/users'],
  ['case counts', '/API/users', '/api', '/API/users'],
])('%s', (_sentence, path, prefix, expected) => {
  expect(stripPrefix(path, prefix)).toBe(expected)
})

test.each([
  ['a prefix is replaced', '/old/a', '/old', '/new/deep', '/new/deep/a'],
  ['a path that is the prefix becomes the replacement', '/old', '/old', '/new', '/new'],
  ['a prefix is replaced by the root', '/old/a', '/old', '/', '/a'],
  ['the root is replaced: all paths get a front', '/a/b', '/', '/base', '/base/a/b'],
  ['T9: a path without the prefix stays', '/older/a', '/old', '/new', '/older/a'],
])('%s', (_sentence, path, from, to, expected) => {
  expect(replacePrefix(path, from, to)).toBe(expected)
})

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

test.each(['/a/..', '/../a', '/a/./b', '/a/%2e%2E/b', '/.%2e'])('%s has a dot segment', (path) => {
  expect(hasDotSegment(path)).toBe(true)
})

test.each(['/a..b', '/...', '/.well-known/x', '/a.'])('%s has no dot segment', (path) => {
  expect(hasDotSegment(path)).toBe(false)
})

test('a param at the start of a segment is written out, other colons stay', () => {
  expect(expandParams('/u/:id/:name')).toBe('/u/${params.id}/${params.name}')
  expect(expandParams('/u/a:id/:id.json/::x')).toBe('/u/a:id/:id.json/::x')
})
