import { expect, test } from 'vitest'
import { bannerLines } from './banner.ts'

const url = 'http://127.0.0.1:8787'
const curlOf = (route: object) =>
  bannerLines({ routes: [{ name: 'r', ...route }] }, url)
    .at(-1)
    ?.trim()

test.each([
  [{ match: { path: '/a/*' } }, `curl -i ${url}/a/1`],
  [{ match: { path: '/users/:id/cart' } }, `curl -i ${url}/users/1/cart`],
  [{ match: { path: '/files/*path' } }, `curl -i ${url}/files/1`],
  [{ match: { path: { regex: '^/v1' } } }, `curl -i ${url}/`],
  [{ match: {} }, `curl -i ${url}/`],
  [{ match: { path: '/a', methods: ['POST', 'PUT'] } }, `curl -i -X POST ${url}/a`],
  [
    { match: { path: '/a', hosts: ['*.example.com'] } },
    `curl -i -H 'Host: www.example.com' ${url}/a`,
  ],
  [{ match: { path: '/a', headers: { 'X-A': "it's" } } }, `curl -i -H 'X-A: it'\\''s' ${url}/a`],
  [{ match: { path: '/a', query: { q: 'x y' } } }, `curl -i '${url}/a?q=x+y'`],
  [{ match: [{ path: '/first' }, { path: '/second' }] }, `curl -i ${url}/first`],
  [{ match: { path: '/a' }, 'x-try': '/a/b?c=d' }, `curl -i '${url}/a/b?c=d'`],
])('%j is tried with %s', (route, command) => {
  expect(curlOf(route)).toBe(command)
})

test('a token stands where a request needs one, and its place where there is none', () => {
  const routes = [
    { name: 'r', match: { path: '/a' }, 'x-try': ['/a', '-H', 'Authorization: Bearer <token>'] },
  ]
  const shown = (token: string | null) => bannerLines({ routes }, url, token).at(-1)?.trim()
  expect(shown('abc.def')).toBe(`curl -i -H 'Authorization: Bearer abc.def' ${url}/a`)
  expect(shown(null)).toBe(`curl -i -H 'Authorization: Bearer <token>' ${url}/a`)
})

test('a long table is cut, and says so', () => {
  const routes = Array.from({ length: 10_000 }, (_, n) => ({
    name: `r${n}`,
    match: { path: '/a' },
  }))
  const lines = bannerLines({ routes }, url)
  expect(lines.length).toBeLessThan(100)
  expect(lines.at(-1)).toContain('9960')
})
