import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { problemsOfTable } from '../../../test/problems.ts'
import type { Identity } from '../../pipeline/exchange.ts'
import type { Gate } from '../../pipeline/policy.ts'
import { definition } from './policy.ts'
import { type AuthorizeOptions, authorizeSchema } from './schema.ts'

const identity: Identity = {
  authority: 'key',
  subject: 'k1',
  claims: { sub: 'u7', tenant: 't1' },
  roles: ['reader'],
  scopes: ['orders:read'],
  permissions: ['orders.list'],
  consumer: { name: 'app', plan: null, roles: [], metadata: {} },
}

type Options = Omit<AuthorizeOptions, 'use'>

function judge(options: Options, parts: ExchangeParts = { identity }, challenges?: string[]) {
  const context = makeBindContext({ ...(challenges && { challenges }) })
  const gate = definition.bind(authorizeSchema.parse({ use: 'authorize', ...options }), context)
  return (gate as Gate).judge(makeExchange(parts))
}

test('an anonymous caller is asked who it is, by what the route knows callers by', () => {
  expect(judge({ roles: ['reader'] }, {}, ['Bearer', 'Basic realm="a"', 'Bearer'])).toMatchObject({
    code: 'CREDENTIALS_MISSING',
    headers: { 'www-authenticate': 'Bearer, Basic realm="a"' },
  })
})

test('an anonymous caller of a route without identity policies is asked for a token', () => {
  expect(judge({ roles: ['reader'] }, {})).toMatchObject({
    code: 'CREDENTIALS_MISSING',
    headers: { 'www-authenticate': 'Bearer' },
  })
})

test.each<[string, Options]>([
  ['roles', { roles: ['reader'] }],
  ['scopes', { scopes: ['orders:read'] }],
  ['permissions', { permissions: ['orders.list'] }],
  ['consumers', { consumers: ['app'] }],
  ['claims', { claims: { tenant: 't1' } }],
])('a caller with the %s passes', (_lack, options) => {
  expect(judge(options)).toEqual({ kind: 'passed' })
})

test.each<[string, Options]>([
  ['roles', { roles: ['admin'] }],
  ['roles', { roles: { all: ['reader', 'writer'] } }],
  ['permissions', { permissions: ['orders.write'] }],
  ['consumers', { consumers: ['k1'] }],
  ['claims', { claims: { tenant: 't2' } }],
])('a caller without the %s is denied, and not asked for another token', (lack, options) => {
  const verdict = judge(options)
  expect(verdict).toMatchObject({ code: 'PERMISSION_DENIED', reason: lack })
  expect(verdict).not.toHaveProperty('headers')
})

test('a caller without the scopes is told which', () => {
  expect(judge({ scopes: { all: ['orders:read', 'orders:write'] } })).toMatchObject({
    code: 'PERMISSION_DENIED',
    reason: 'scopes',
    headers: {
      'www-authenticate': 'Bearer error="insufficient_scope", scope="orders:read orders:write"',
    },
  })
})

test('different keys must all hold', () => {
  expect(judge({ roles: ['reader'], scopes: ['orders:read'] })).toEqual({ kind: 'passed' })
  expect(judge({ roles: ['reader'], scopes: ['x'] })).toMatchObject({ reason: 'scopes' })
  expect(judge({ roles: ['x'], scopes: ['x'] })).toMatchObject({ reason: 'roles' })
})

test('a claim is held against a parameter of the path', () => {
  const options = { claims: { sub: { equals: '${params.userId}' } } }
  expect(judge(options, { identity, params: { userId: 'u7' } })).toEqual({ kind: 'passed' })
  expect(judge(options, { identity, params: { userId: 'u8' } })).toMatchObject({ reason: 'claims' })
  expect(judge(options, { identity })).toMatchObject({ reason: 'claims' })
})

test('a claim is held against text around a parameter', () => {
  const options = { claims: { sub: { equals: 'u${params.n}' } } }
  expect(judge(options, { identity, params: { n: '7' } })).toEqual({ kind: 'passed' })
})

test('a denial shows neither what the caller has nor what it lacks', () => {
  const text = JSON.stringify(judge({ roles: ['admin'], claims: { tenant: 't2' } }))
  for (const word of ['admin', 't2', 't1', 'u7', 'reader']) expect(text).not.toContain(word)
})

const at = '/routes/0/policies/0'
const problems = (options: object) => problemsOfTable([{ use: 'authorize', ...options }])

test.each<[string, object, string]>([
  ['nothing', {}, at],
  ['no roles', { roles: [] }, `${at}/roles`],
  ['no roles at all', { roles: { all: [] } }, `${at}/roles/all`],
  ['an empty role', { roles: [''] }, `${at}/roles/0`],
  ['no claims', { claims: {} }, `${at}/claims`],
  ['a scope of two words', { scopes: ['a b'] }, `${at}/scopes/0`],
  [
    'a template that is none',
    { claims: { sub: { equals: '${nobody}' } } },
    `${at}/claims/sub/equals`,
  ],
  ['half a pair', { consumers: [{ authority: 'key' }] }, `${at}/consumers/0/subject`],
  ['one role', { roles: 'admin' }, `${at}/roles`],
])('a policy that asks for %s is a problem', (_what, options, pointer) => {
  expect(problems(options).map((problem) => problem.pointer)).toEqual([pointer])
})

test.each([
  { headers: { 'x-skip': '1' } },
  { query: { skip: '1' } },
  { consumer: { anonymous: true } },
])('%j may not switch it off', (when) => {
  expect(problems({ roles: ['reader'], when })).toMatchObject([
    { pointer: `${at}/when/${Object.keys(when)[0]}` },
  ])
})

test('a parameter that the route does not have is a problem', () => {
  expect(problems({ claims: { 'x-id': { equals: '${params.nobody}' } } })).toEqual([
    { pointer: `${at}/claims/x-id/equals`, code: 'PARAM_UNKNOWN' },
  ])
})
