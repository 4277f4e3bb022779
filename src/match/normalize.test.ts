import { expect, test } from 'vitest'
import { hasDotSegment, keepAll, normalizePath, type PathRules } from './normalize.ts'

const codeOf = (raw: string, rules: Partial<PathRules> = {}) => {
  const path = normalizePath(raw, { ...keepAll, ...rules })
  return typeof path === 'string' ? path : path.code
}

test.each([
  ['/a/b-c_d~e.f', '/a/b-c_d~e.f'],
  ["/a:b@c!$&'()*+,;=", "/a:b@c!$&'()*+,;="],
  ['/%61%2D%7E', '/a-~'],
  ['/%c3%a9%2f%5c%3b', '/%C3%A9%2F%5C%3B'],
  ['/é€😀', '/%C3%A9%E2%82%AC%F0%9F%98%80'],
  ['/a b"<>^`{}|[]', '/a%20b%22%3C%3E%5E%60%7B%7D|[]'],
  ['/%252e%252e/a', '/%252e%252e/a'],
])('%s is written as %s', (raw, path) => {
  expect(codeOf(raw)).toBe(path)
})

test.each([
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/.', '/a/'],
  ['/a/%2e%2E/b', '/b'],
  ['/a/.%2e/b', '/b'],
  ['/a/..b/.c/...', '/a/..b/.c/...'],
  ['/a//../b', '/a/b'],
])('dot segments are removed: %s is %s', (raw, path) => {
  expect(codeOf(raw)).toBe(path)
})

test.each(['/..', '/a/../..', '/%2e%2e/etc', '/./../a', '/a/%2e./../../b'])(
  'a path above the root is refused: %s',
  (raw) => {
    expect(codeOf(raw)).toBe('TARGET_INVALID')
  },
)

test.each([
  '/a\\b',
  '/a\tb',
  '/a\x7f',
  '/%00',
  '/a%0d%0A',
  '/%7F',
  '/%',
  '/%4',
  '/%zz',
  '/a%2',
  '/\ud800',
])('a path that programs read differently is refused: %j', (raw) => {
  expect(codeOf(raw)).toBe('TARGET_INVALID')
})

test('escaped slashes and backslashes never separate segments', () => {
  expect(codeOf('/a/..%2fb')).toBe('/a/..%2Fb')
  expect(codeOf('/a%5C..%5Cb')).toBe('/a%5C..%5Cb')
})

test('empty segments are kept, merged or refused by rule', () => {
  expect(codeOf('//a///b//')).toBe('//a///b//')
  expect(codeOf('//a///b//', { emptySegments: 'merge' })).toBe('/a/b/')
  expect(codeOf('/a//b', { emptySegments: 'reject' })).toBe('TARGET_INVALID')
  expect(codeOf('/a/b/', { emptySegments: 'reject' })).toBe('/a/b/')
  expect(codeOf('/', { emptySegments: 'reject' })).toBe('/')
})

test('encoded slashes and backslashes are refused by rule', () => {
  expect(codeOf('/a%2fb', { encodedSlash: 'reject' })).toBe('TARGET_INVALID')
  expect(codeOf('/a%5cb', { encodedSlash: 'reject' })).toBe('TARGET_INVALID')
  expect(codeOf('/a%20b', { encodedSlash: 'reject' })).toBe('/a%20b')
})

test('semicolons are refused by rule, and encoded ones are data', () => {
  expect(codeOf('/a;x=1', { semicolon: 'reject' })).toBe('TARGET_INVALID')
  expect(codeOf('/a%3Bx', { semicolon: 'reject' })).toBe('/a%3Bx')
})

test.each(['/a/..', '/../a', '/a/./b', '/a/%2e%2E/b', '/.%2e'])('%s has a dot segment', (path) => {
  expect(hasDotSegment(path)).toBe(true)
})

test.each(['/a..b', '/...', '/.well-known/x', '/a.'])('%s has no dot segment', (path) => {
  expect(hasDotSegment(path)).toBe(false)
})
