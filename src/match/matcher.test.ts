import { expect, test } from 'vitest'
import { buildMatcher, type Found } from './matcher.ts'
import type { MatchSpec } from './schema.ts'
import type { Subject } from './subject.ts'

const request = (method: string, url: string, more: Partial<Subject> = {}): Subject => {
  const [, host = '', path = '', query = ''] = /^([^/]*)(\/[^?]*)(.*)$/.exec(url) ?? []
  const client = { address: null, country: null, continent: null, asn: null, colo: null }
  return { method, host, path, query, headers: {}, client, body: { kind: 'unread' }, ...more }
}

const tableOf = (...matches: (MatchSpec | MatchSpec[])[]) =>
  buildMatcher(
    matches.map((match, route) => ({ route, match: Array.isArray(match) ? match : [match] })),
  )

/** The route, or the kind of what else was found. */
const routeOf = (found: Found) => (found.kind === 'matched' ? found.route : found.kind)

const get = (table: ReturnType<typeof tableOf>, url: string, more: Partial<Subject> = {}) =>
  routeOf(table.find(request('GET', url, more)))

const paramsAt = (path: string | { regex: string }, url: string) => {
  const found = tableOf({ path }).find(request('GET', url))
  return found.kind === 'matched' ? found.params : found.kind
}

test('T1: a prefix holds whole segments, so /users/* never answers /users-admin', () => {
  const table = tableOf({ path: '/api/v1/users/*' })
  expect(get(table, 'h/api/v1/users')).toBe(0)
  expect(get(table, 'h/api/v1/users/')).toBe(0)
  expect(get(table, 'h/api/v1/users/7/orders')).toBe(0)
  expect(get(table, 'h/api/v1/users-admin')).toBe('not-found')
  expect(get(table, 'h/api/v1/usersx/7')).toBe('not-found')
})

test('T1: the more specific path wins wherever it stands in the list', () => {
  const table = tableOf({ path: '/*' }, { path: '/api/*' }, { path: '/api/users' })
  expect(get(table, 'h/api/users')).toBe(2)
  expect(get(table, 'h/api/x')).toBe(1)
  expect(get(table, 'h/x')).toBe(0)
})

test('an exact path is one path, and case and a last slash count', () => {
  const table = tableOf({ path: '/a' })
  expect(get(table, 'h/a')).toBe(0)
  expect(get(table, 'h/A')).toBe('not-found')
  expect(get(table, 'h/a/')).toBe('not-found')
  expect(get(table, 'h/')).toBe('not-found')
})

test('a literal beats a param, and a param beats a rest, segment by segment', () => {
  const table = tableOf(
    { path: '/users/*' },
    { path: '/users/:id' },
    { path: '/users/me' },
    { path: '/users/:id/y' },
    { path: '/:any/me' },
  )
  expect(get(table, 'h/users/me')).toBe(2)
  expect(get(table, 'h/users/7')).toBe(1)
  expect(get(table, 'h/users')).toBe(0)
  expect(get(table, 'h/users/7/8')).toBe(0)
  expect(get(table, 'h/items/me')).toBe(4)
})

test('a branch that leads to nothing does not hide another', () => {
  const table = tableOf({ path: '/users/me/x' }, { path: '/users/:id/y' })
  expect(get(table, 'h/users/me/y')).toBe(1)
})

test('a match whose conditions fail gives way to a less specific one', () => {
  const table = tableOf(
    { path: '/a/b', headers: { 'x-beta': '1' } },
    { path: '/a/:x', methods: ['POST'] },
    { path: '/a/*' },
  )
  expect(get(table, 'h/a/b')).toBe(2)
  expect(get(table, 'h/a/b', { headers: { 'x-beta': '1' } })).toBe(0)
})

test('regular expressions come after params and before what takes any path', () => {
  const table = tableOf(
    { path: '/*' },
    { path: { regex: '^/v[0-9]+/' } },
    { path: { regex: '^/v1/[a-z]+$' } },
    { path: '/:version/users' },
    { path: '/v1/items/*' },
  )
  expect(get(table, 'h/v1/users')).toBe(3)
  expect(get(table, 'h/v1/items/a')).toBe(4)
  expect(get(table, 'h/v1/abc')).toBe(2)
  expect(get(table, 'h/v2/abc')).toBe(1)
  expect(get(table, 'h/w/abc')).toBe(0)
})

test('the most specific host wins, and falls through where it has no such path', () => {
  const table = tableOf(
    { path: '/a' },
    { hosts: ['*.example.com'], path: '/a' },
    { hosts: ['*.eu.example.com'], path: '/a' },
    { hosts: ['api.eu.example.com'], path: '/b' },
    { hosts: ['api.eu.example.com'], path: '/a', headers: { x: '1' } },
  )
  expect(get(table, 'api.eu.example.com/a', { headers: { x: '1' } })).toBe(4)
  expect(get(table, 'api.eu.example.com/a')).toBe(2)
  expect(get(table, 'us.example.com/a')).toBe(1)
  expect(get(table, 'a.b.us.example.com/a')).toBe(1)
  expect(get(table, 'example.com/a')).toBe(0)
  expect(get(table, 'notexample.com/a')).toBe(0)
  expect(get(table, 'us.example.com/b')).toBe('not-found')
})

test('hosts of the table are read without case, port and last dot, and in punycode', () => {
  const table = tableOf({ hosts: ['API.Example.com.:8080', 'münchen.example'], path: '/a' })
  expect(get(table, 'api.example.com/a')).toBe(0)
  expect(get(table, 'xn--mnchen-3ya.example/a')).toBe(0)
})

test('below the path a method list, then more conditions, then list order decide', () => {
  const path = '/a'
  const x = { 'x-a': { present: true } }
  const table = tableOf(
    { path },
    { path },
    { path, client: { countries: ['DE'] } },
    { path, query: { q: '1' } },
    { path, headers: x },
    { path, methods: ['POST'] },
    { path, query: { q: '1', r: '2' } },
  )
  const client = { ...request('GET', 'h/').client, country: 'DE' }
  expect(routeOf(table.find(request('POST', 'h/a?q=1', { headers: { 'x-a': '' } })))).toBe(5)
  expect(get(table, 'h/a?q=1&r=2', { headers: { 'x-a': '' }, client })).toBe(4)
  expect(get(table, 'h/a?q=1&r=2', { client })).toBe(6)
  expect(get(table, 'h/a?q=1', { client })).toBe(3)
  expect(get(table, 'h/a', { client })).toBe(2)
  expect(get(table, 'h/a')).toBe(0)
})

test('each match of a list stands for the route', () => {
  const table = tableOf([{ path: '/a' }, { path: '/b/:x' }], { path: '/b/*' })
  expect(get(table, 'h/a')).toBe(0)
  expect(get(table, 'h/b/1')).toBe(0)
  expect(get(table, 'h/b/1/2')).toBe(1)
})

test('params are decoded once, and stay raw where they are no UTF-8', () => {
  expect(paramsAt('/users/:id', 'h/users/a%20b%252F')).toEqual({ id: 'a b%2F' })
  expect(paramsAt('/users/:id', 'h/users/a%2Fb')).toEqual({ id: 'a/b' })
  expect(paramsAt('/users/:id', 'h/users/%FF')).toEqual({ id: '%FF' })
  expect(paramsAt('/users/:id', 'h/users/')).toBe('not-found')
  expect(paramsAt('/:a/x/:b', 'h/1/x/2')).toEqual({ a: '1', b: '2' })
})

test('the rest may be empty, and keeps encoded slashes apart from real ones', () => {
  expect(paramsAt('/files/*path', 'h/files')).toEqual({ path: '' })
  expect(paramsAt('/files/*path', 'h/files/')).toEqual({ path: '' })
  expect(paramsAt('/files/*path', 'h/files/a/b%20c')).toEqual({ path: 'a/b c' })
  expect(paramsAt('/files/*path', 'h/files/a%2Fb/c%5Cd')).toEqual({ path: 'a%2Fb/c%5Cd' })
  expect(paramsAt('/*path', 'h/')).toEqual({ path: '' })
  expect(paramsAt('/*path', 'h/a/b')).toEqual({ path: 'a/b' })
})

test('named groups become params where they took part', () => {
  const path = { regex: '^/(?<year>[0-9]{4})(?:/(?<slug>[^/]+))?$' }
  expect(paramsAt(path, 'h/2026/a%20b')).toEqual({ year: '2026', slug: 'a b' })
  expect(paramsAt(path, 'h/2026')).toEqual({ year: '2026' })
})

test('params of a branch that was left do not remain', () => {
  const table = tableOf({ path: '/:a/:b/x' }, { path: '/:c/*d' })
  const found = table.find(request('GET', 'h/1/2/3'))
  expect(found).toMatchObject({ route: 1, pattern: '/:c/*d' })
  expect(found.kind === 'matched' && found.params).toEqual({ c: '1', d: '2/3' })
})

test('an escaped sign at the start of a segment is that character, sent either way', () => {
  const table = tableOf({ path: '/a/%3aid' }, { path: '/%2A/b' })
  expect(get(table, 'h/a/:id')).toBe(0)
  expect(get(table, 'h/a/%3Aid')).toBe(0)
  expect(get(table, 'h/*/b')).toBe(1)
  expect(get(table, 'h/a/7')).toBe('not-found')
})

test('literals of the table are compared in the form of requests', () => {
  const table = tableOf({ path: '/%7euser/é/a b/v1:batch' })
  expect(get(table, 'h/~user/%C3%A9/a%20b/v1:batch')).toBe(0)
})

test('GET answers HEAD, and HEAD by itself does not answer GET', () => {
  expect(routeOf(tableOf({ methods: ['GET'] }).find(request('HEAD', 'h/')))).toBe(0)
  expect(routeOf(tableOf({ methods: ['HEAD'] }).find(request('GET', 'h/')))).toBe(
    'method-not-allowed',
  )
})

test('a path that is there under other methods only is told which', () => {
  const table = tableOf(
    { path: '/a/:id', methods: ['GET'] },
    { path: '/a/*', methods: ['POST'], headers: { x: '1' } },
    { hosts: ['other.com'], path: '/a/*', methods: ['PUT'] },
    { path: '/b', methods: ['PATCH'] },
  )
  expect(table.find(request('DELETE', 'h/a/1'))).toEqual({
    kind: 'method-not-allowed',
    allow: ['GET', 'HEAD', 'POST', 'OPTIONS'],
  })
  expect(table.find(request('DELETE', 'h/c'))).toEqual({ kind: 'not-found' })
})

test('a path whose method is there under conditions that fail is not found', () => {
  const table = tableOf({ path: '/a', methods: ['GET'], query: { q: '1' } })
  expect(get(table, 'h/a')).toBe('not-found')
})

test('OPTIONS is a method like others where a route takes it', () => {
  expect(routeOf(tableOf({ path: '/a' }).find(request('OPTIONS', 'h/a')))).toBe(0)
  const table = tableOf({ path: '/a', methods: ['OPTIONS', 'GET'] })
  expect(table.find(request('PUT', 'h/a'))).toMatchObject({ allow: ['OPTIONS', 'GET', 'HEAD'] })
})

test('a match without a path takes any path, as /* does', () => {
  expect(get(tableOf({ hosts: ['h'] }), 'h/a/b')).toBe(0)
  expect(get(tableOf({ path: '/*' }, { methods: ['GET'] }), 'h/a')).toBe(1)
  expect(get(tableOf({}, { path: '/*' }), 'h/a')).toBe(0)
})

test('the body is asked for only while a match in the running looks at it', () => {
  const body = { '/kind': 'order' }
  const table = tableOf(
    { path: '/a', methods: ['POST'], body, bodyLimitBytes: 1000 },
    { path: '/a', headers: { x: '1' } },
    { path: '/b', query: { q: '1' }, body },
    { path: '/b' },
  )
  const post = (url: string, more: Partial<Subject> = {}) => table.find(request('POST', url, more))
  expect(post('h/a')).toEqual({ kind: 'needs-body', limitBytes: 1000 })
  expect(get(table, 'h/a', { headers: { x: '1' } })).toBe(1)
  expect(routeOf(post('h/b'))).toBe(3)
  expect(post('h/b?q=1')).toEqual({ kind: 'needs-body', limitBytes: 65_536 })
  expect(routeOf(post('h/b?q=1', { body: { kind: 'other' } }))).toBe(3)
  expect(routeOf(post('h/b?q=1', { body: { kind: 'json', value: { kind: 'order' } } }))).toBe(2)
})

test('a preflight leaves out conditions on headers and body', () => {
  const table = tableOf(
    { path: '/a', methods: ['PUT'], headers: { x: '1' }, body: { '/a': 1 } },
    { path: '/a', methods: ['GET'], query: { q: '1' } },
  )
  expect(routeOf(table.findPreflight(request('PUT', 'h/a')))).toBe(0)
  expect(routeOf(table.findPreflight(request('GET', 'h/a')))).toBe('not-found')
  expect(routeOf(table.findPreflight(request('POST', 'h/a')))).toBe('method-not-allowed')
})
