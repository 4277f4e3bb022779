import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { type RewriteOptions, rewriteSchema } from './schema.ts'

function run(options: Omit<RewriteOptions, 'use'>, parts: ExchangeParts) {
  const policy = definition.bind({ use: 'rewrite', ...options }, makeBindContext())
  const exchange = makeExchange(parts)
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  const verdict = policy.apply(exchange)
  const { path, query, host } = exchange.outgoing
  return { verdict, path, query, host }
}

const at = (path: string) => ({ url: `https://api.example.com${path}` })

test('T9: a prefix is taken off by whole segments, and the query stays', () => {
  expect(run({ stripPrefix: '/api/v1' }, at('/api/v1/users?a=%7e'))).toMatchObject({
    path: '/users',
    query: '?a=%7e',
    host: null,
  })
  expect(run({ stripPrefix: '/api/v1' }, at('/api/v11/users')).path).toBe('/api/v11/users')
})

test('a prefix is compared in the form of request paths', () => {
  expect(run({ stripPrefix: '/café' }, at('/caf%c3%a9/x')).path).toBe('/x')
})

test('a prefix is replaced by another', () => {
  const options = { replacePrefix: { from: '/shop', to: '/v2/store' } }
  expect(run(options, at('/shop/items/1')).path).toBe('/v2/store/items/1')
})

test('a path template takes params in both spellings, each as one segment', () => {
  const parts = { ...at('/x'), params: { id: 'a/b', name: 'é' } }
  expect(run({ path: '/users/:id/by/${params.name}' }, parts).path).toBe('/users/a%2Fb/by/%C3%A9')
})

test.each(['', '.', '..'])('a param %j cannot stand in a path', (id) => {
  const { verdict, path } = run({ path: '/users/:id' }, { ...at('/x'), params: { id } })
  expect(verdict).toMatchObject({ kind: 'refused', code: 'PATH_VALUE_INVALID' })
  expect(path).toBe('/x')
})

test('a pattern is replaced, with groups and values of the request', () => {
  const options = { regex: { pattern: '^/u/([^/]+)', to: '/${header.x-tenant}/users/$1' } }
  const parts = { ...at('/u/7/orders'), headers: { 'x-tenant': 'a$1/b' } }
  expect(run(options, parts).path).toBe('/a%241%2Fb/users/7/orders')
})

test('a pattern cannot join two parts to a dot segment', () => {
  const options = { regex: { pattern: '^/a/(.*)x(.*)$', to: '/$1$2' } }
  expect(run(options, at('/a/.x./admin')).verdict).toMatchObject({ code: 'PATH_VALUE_INVALID' })
})

test('a query template replaces the query, and values cannot add parameters', () => {
  const options = { query: 'user=${query.u}&v=2' }
  expect(run(options, at('/x?u=a%26admin%3D1&gone=1')).query).toBe('?user=a%26admin%3D1&v=2')
})

test('an empty query drops the query', () => {
  expect(run({ query: '' }, at('/x?a=1')).query).toBe('')
})

test('a host goes on in lower case', () => {
  expect(run({ host: 'Users.Internal:8080' }, at('/x')).host).toBe('users.internal:8080')
})

test.each([
  [{}],
  [{ stripPrefix: '/a', path: '/b' }],
  [{ stripPrefix: 'a' }],
  [{ stripPrefix: '/a?b' }],
  [{ replacePrefix: { from: '/a' } }],
  [{ path: '/a/${params}' }],
  [{ path: 'https://evil.example/' }],
  [{ regex: { pattern: '/a', to: '/b' } }],
  [{ regex: { pattern: '^/(a', to: '/b' } }],
  [{ query: '?a=1' }],
  [{ host: '${header.host}' }],
  [{ host: 'https://a.example' }],
])('%j is refused by the schema', (options) => {
  expect(rewriteSchema.safeParse({ use: 'rewrite', ...options }).success).toBe(false)
})
