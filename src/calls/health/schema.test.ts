import { expect, test } from 'vitest'
import { environmentOf, type Given } from '../../../test/gateway.ts'
import { loadTable } from '../../config/load.ts'

/** Where a table has problems, of form or for what this Worker lacks. */
function problemsIn(table: object, given: Given = {}): readonly string[] {
  const loaded = loadTable(JSON.stringify(table), environmentOf(given), { version: 'v1' })
  const problems = loaded.kind === 'loaded' ? loaded.plan.missing : loaded.problems
  return problems.map(({ pointer }) => pointer)
}

const route = { name: 'r', match: { path: '/*' }, upstream: 'users' }
const within = (upstream: object) => ({
  version: 1,
  upstreams: { users: upstream },
  routes: [route],
})
const targets = ['http://a']

test.each([
  [{ path: '/health' }],
  [{ path: '/health?deep=1', expect: [200, '300-399'], body: { contains: 'ok' } }],
  [{ path: '/', headers: { 'X-Key': { secret: 'KEY' } }, scope: 'continent', trust: 'probes' }],
])('health %j is one', (health) => {
  expect(problemsIn(within({ targets, health }), { secrets: { KEY: 'k' } })).toEqual([])
})

test.each([
  [{}, 'path'],
  [{ path: 'health' }, 'path'],
  [{ path: '/', intervalSeconds: 0 }, 'intervalSeconds'],
  [{ path: '/', intervalSeconds: 1, timeoutMs: 1_001 }, 'timeoutMs'],
  [{ path: '/', expect: [] }, 'expect'],
  [{ path: '/', expect: ['299-200'] }, 'expect/0'],
  [{ path: '/', body: {} }, 'body'],
  [{ path: '/', body: { contains: 'a', regex: 'a' } }, 'body'],
  [{ path: '/', body: { regex: '(a+)+$' } }, 'body/regex'],
  [{ path: '/', method: 'HEAD', body: { contains: 'a' } }, 'body'],
  [{ path: '/', headers: { Host: 'x' } }, 'headers/Host'],
])('health %j has a problem at %s', (health, at) => {
  expect(problemsIn(within({ targets, health }))).toEqual([`/upstreams/users/health/${at}`])
})

test.each([
  [{ http: 'http://list' }],
  [{ http: { url: 'http://list', token: { secret: 'KEY' } }, registration: true }],
  [{ dns: { srv: '_api._tcp.example.com' } }],
  [{ dns: { a: 'example.com', port: 8080, scheme: 'http' }, refreshSeconds: 60 }],
  [{ consul: { url: 'http://consul:8500', service: 'users', passing: true } }],
  [{ kubernetes: { url: 'https://k8s', namespace: 'shop', service: 'users', port: 'http' } }],
  [{ etcd: { url: 'http://etcd:2379', prefix: '/users/' }, watch: false }],
  [{ registration: true }],
])('discover %j is one, without targets', (discover) => {
  expect(problemsIn(within({ discover }), { secrets: { KEY: 'k' } })).toEqual([])
})

test.each([
  [{}, ''],
  [{ registration: false }, ''],
  [{ http: 'http://a', etcd: { url: 'http://b', prefix: '/' } }, ''],
  [{ http: 'ftp://list' }, '/http'],
  [{ http: 'http://user:pw@list' }, '/http'],
  [{ dns: {} }, '/dns'],
  [{ dns: { srv: 'a.example.com', a: 'a.example.com' } }, '/dns'],
  [{ dns: { srv: 'a.example.com', port: 80 } }, '/dns/port'],
  [{ dns: { a: 'a..b' } }, '/dns/a'],
  [{ consul: { url: 'http://c', service: 'a/b' } }, '/consul/service'],
  [{ registration: true, refreshSeconds: 0 }, '/refreshSeconds'],
])('discover %j has a problem at "%s"', (discover, at) => {
  expect(problemsIn(within({ discover }))).toEqual([`/upstreams/users/discover${at}`])
})

test('an upstream says where it runs, or who knows', () => {
  expect(problemsIn(within({ timeoutMs: 1_000 }))).toEqual(['/upstreams/users/targets'])
})

test.each([
  [
    { targets, health: { path: '/', headers: { 'X-Key': { secret: 'KEY' } } } },
    'health/headers/X-Key',
  ],
  [
    { discover: { consul: { url: 'http://c', service: 'a', token: { secret: 'KEY' } } } },
    'discover/consul/token',
  ],
  [{ discover: { http: { url: 'http://c', token: { secret: 'KEY' } } } }, 'discover/http/token'],
])('a secret that this Worker lacks is told (%#)', (upstream, at) => {
  expect(problemsIn(within(upstream))).toEqual([`/upstreams/users/${at}`])
})
