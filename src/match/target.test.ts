import { expect, test } from 'vitest'
import { keepAll } from './normalize.ts'
import { readTarget } from './target.ts'

const read = (url: string, host: string | null) => {
  const found = readTarget(url, host, keepAll)
  return found.kind === 'read' ? found.target : found.code
}

test('a plain target is read in its parts', () => {
  expect(read('http://API.example.com:8080/a/b?x=1', 'API.example.com:8080')).toEqual({
    scheme: 'http',
    authority: 'API.example.com:8080',
    host: 'api.example.com',
    port: '8080',
    path: '/a/b',
    query: '?x=1',
  })
})

test('a default port and a trailing dot are dropped from the host, not from the authority', () => {
  expect(read('http://a.com.:80/', 'a.com.:80')).toMatchObject({
    host: 'a.com',
    port: '',
    authority: 'a.com.:80',
  })
  expect(read('https://a.com:443/', 'a.com:443')).toMatchObject({ port: '', scheme: 'https' })
  expect(read('https://a.com:80/', 'a.com:80')).toMatchObject({ port: '80' })
})

test('an IPv6 host stands without brackets, in its shortest form', () => {
  expect(read('http://[::1]:8787/', '[::1]:8787')).toMatchObject({ host: '::1', port: '8787' })
  expect(read('http://[0:0:0:0:0:0:0:1]/', '[0:0:0:0:0:0:0:1]')).toMatchObject({ host: '::1' })
})

test.each([
  'a.com@evil.com',
  'A.com:99/../q',
  'a.com?x',
  'a.com#x',
  'a.com, b.com',
  'a.com\\b',
  'a b',
  '',
  '.',
  'a.com:',
  '[::1',
  '[zz]',
  '[1:2]',
  'a.com:99999',
  'münchen.de',
  'a%2ecom',
  `${'a'.repeat(254)}`,
])('a Host header that is no host is refused: %j', (host) => {
  const expected = host === 'a.com:' ? { host: 'a.com', port: '' } : 'HOST_INVALID'
  const found = read(`http://${host}/q`, host)
  if (typeof expected === 'string') expect(found).toBe(expected)
  else expect(found).toMatchObject(expected)
})

test('a URL that the runtime has rewritten is split at its first slash', () => {
  expect(read('http://api.example.com/a', 'API.example.com:80')).toMatchObject({
    host: 'api.example.com',
    path: '/a',
  })
  expect(read('http://api.example.com/a', 'api')).toMatchObject({ host: 'api.example.com' })
  expect(read('http://h/a', null)).toMatchObject({ host: 'h', path: '/a' })
  expect(read('http://user@h/a', null)).toBe('HOST_INVALID')
})

test('the asterisk of OPTIONS is the path', () => {
  expect(read('http://h*', 'h')).toMatchObject({ host: 'h', path: '*', query: '' })
})

test.each([
  'http://h*x',
  'http://h\\a',
  'http://h/a#f',
  'http://h/a?b#f',
  'http://h/?a\tb',
  'ftp://h/',
])('a target that is no path is refused: %j', (url) => {
  expect(read(url, 'h')).toBe('TARGET_INVALID')
})

test('the query is passed on as received', () => {
  expect(read('http://h/a?x=%0a&y=\\&z=../é??', 'h')).toMatchObject({
    query: '?x=%0a&y=\\&z=../é??',
  })
  expect(read('http://h/a?', 'h')).toMatchObject({ path: '/a', query: '?' })
  expect(read('http://h?x', 'h')).toMatchObject({ path: '/', query: '?x' })
})

test('a question mark in the query does not reach the path', () => {
  expect(read('http://h/a?/../../b', 'h')).toMatchObject({ path: '/a', query: '?/../../b' })
})
