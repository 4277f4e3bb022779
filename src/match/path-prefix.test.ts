import { expect, test } from 'vitest'
import { bindPrefix } from './path-prefix.ts'

test.each([
  ['whole segments are taken off the front', '/api/v1/users/7', '/api/v1', '/users/7'],
  ['T9: a name that only begins like the prefix stays', '/api/v10/a', '/api/v1', '/api/v10/a'],
  ['T9: the prefix elsewhere in the path stays', '/x/api/v1/users', '/api/v1', '/x/api/v1/users'],
  ['T9: a second occurrence stays', '/api/v1/api/v1/users', '/api/v1', '/api/v1/users'],
  ['the path that is the prefix becomes the root', '/api/v1', '/api/v1', '/'],
  ['a slash after the prefix stays', '/api/v1/', '/api/v1', '/'],
  ['a slash at the end of the prefix does not count', '/api/v1/users', '/api/v1/', '/users'],
  ['the root as prefix changes nothing', '/users', '/', '/users'],
  ['case counts', '/API/users', '/api', '/API/users'],
])('%s', (_sentence, path, prefix, expected) => {
  expect(bindPrefix(prefix, '/')(path)).toBe(expected)
})

test.each([
  ['a prefix is replaced', '/old/a', '/old', '/new/deep', '/new/deep/a'],
  ['a path that is the prefix becomes the replacement', '/old', '/old', '/new', '/new'],
  ['slashes at the ends do not count', '/old/a', '/old/', '/new/', '/new/a'],
  ['a prefix is replaced by the root', '/old/a', '/old', '/', '/a'],
  ['the root is replaced: all paths get a front', '/a/b', '/', '/base', '/base/a/b'],
  ['T9: a path without the prefix stays', '/older/a', '/old', '/new', '/older/a'],
  ['another spelling of a segment is the same segment', '/~ann/a', '/%7eann', '/bo%c3', '/bo%C3/a'],
])('%s', (_sentence, path, from, to, expected) => {
  expect(bindPrefix(from, to)(path)).toBe(expected)
})
