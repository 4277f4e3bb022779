import { expect, test } from 'vitest'
import { parseTable } from '../parse.ts'
import { checkTable } from './check.ts'
import { isAnchored } from './patterns.ts'

const answer = { respond: { status: 200 } }

function check(document: object) {
  const parsed = parseTable({ version: 1, ...document })
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems))
  return checkTable(parsed.table)
}

/** The codes of a table with these matches, by route. */
function checkMatches(...matches: readonly unknown[]) {
  const routes = matches.map((match, index) => ({ name: `r${index}`, match, ...answer }))
  return check({ routes }).map(({ code, pointer }) => `${code} ${pointer}`)
}

test('the names of parameters do not tell two matches apart', () => {
  expect(checkMatches({ path: '/a/:id' }, { path: '/a/:name' })).toEqual([
    'ROUTE_DUPLICATE /routes/1/match',
  ])
})

test('a list of matches in another order is the same match', () => {
  const [a, b] = [{ path: '/a' }, { path: '/b', hosts: ['x.example.com', 'y.example.com'] }]
  const turned = { ...b, hosts: ['Y.example.com', 'x.example.com.'] }
  expect(checkMatches([a, b], [turned, a])).toEqual(['ROUTE_DUPLICATE /routes/1/match'])
})

test.each([
  ['another host', { path: '/a', hosts: ['b.example.com'] }],
  ['one more condition', { path: '/a', headers: { 'x-a': '1' } }],
  ['another method', { path: '/a', methods: ['GET'] }],
  ['a longer path', { path: '/a/*' }],
])('a later match with %s can win', (_, later) => {
  expect(checkMatches({ path: '/a' }, later)).toEqual([])
})

test('a match that only looks at HEAD never wins behind one of GET', () => {
  expect(checkMatches({ path: '/a', methods: ['GET'] }, { path: '/a', methods: ['HEAD'] })).toEqual(
    ['ROUTE_SHADOWED /routes/1/match'],
  )
})

test('one match of a list that can win keeps the route alive', () => {
  expect(checkMatches({ path: '/a' }, [{ path: '/a' }, { path: '/b' }])).toEqual([])
})

test('header names in another case are the same condition', () => {
  const later = { path: '/a', headers: { 'X-A': '1' } }
  expect(checkMatches({ path: '/a', headers: { 'x-a': '1' } }, later)).toEqual([
    'ROUTE_DUPLICATE /routes/1/match',
  ])
})

const guard = { use: 'ip-filter', allow: ['10.0.0.0/8'] }
const admin = { name: 'admin', match: { path: '/admin/:page' }, policies: [guard], ...answer }

function checkBypass(rest: object, more: object = {}) {
  return check({ ...more, routes: [admin, { name: 'rest', ...answer, ...rest }] }).filter(
    ({ code }) => code === 'ROUTE_BYPASS',
  )
}

test('a laxer catch-all beside a guarded route is shown with a request that goes around the guard', () => {
  expect(checkBypass({ match: { path: '/*' } })).toMatchObject([
    { pointer: '/routes/0', witness: 'GET https://example.com//admin/x', severity: 'warning' },
  ])
})

test.each([
  ['that has the same guard', { match: { path: '/*' }, policies: [guard] }],
  ['of another host', { match: { path: '/*', hosts: ['b.example.com'] } }],
  ['of another path', { match: { path: '/files/*' } }],
  ['of other methods', { match: { path: '/*', methods: ['POST'] } }],
])('a catch-all %s is no way around', (_, rest) => {
  expect(checkBypass(rest)).toEqual([])
})

test('a guard in shadow mode guards nothing', () => {
  const routes = [
    { ...admin, policies: [{ ...guard, mode: 'shadow' }] },
    { name: 'rest', match: { path: '/*' }, ...answer },
  ]
  expect(check({ routes }).map(({ code }) => code)).toEqual([])
})

test('the witness takes the form that the table still keeps', () => {
  const paths = { emptySegments: 'reject', encodedSlash: 'reject' }
  expect(checkBypass({ match: {} }, { paths })).toMatchObject([
    { witness: 'GET https://example.com/admin;x/x' },
  ])
})

test('a parameter takes any segment, so only an empty one leaves it', () => {
  const routes = [
    { ...admin, match: { path: '/:tenant/admin' } },
    { name: 'rest', match: { path: '/:tenant/*' }, ...answer },
  ]
  const paths = { emptySegments: 'merge' }
  expect(check({ paths, routes })).toMatchObject([
    { code: 'ROUTE_BYPASS', witness: 'GET https://example.com/x/admin%2Fx' },
  ])
})

test.each([
  ['^a$', true],
  ['^(a|b)$', true],
  ['^a$|^b$', true],
  ['^[|]$', true],
  ['^a\\\\$', true],
  ['a', false],
  ['^a', false],
  ['a$', false],
  ['^a|b$', false],
  ['^a\\$', false],
])('the pattern %s is anchored: %s', (source, anchored) => {
  expect(isAnchored(source)).toBe(anchored)
})

test('a parameter that stands in a header named x-… is looked at', () => {
  const policies = [{ use: 'request-headers', set: { 'x-id': '${params.id}' } }]
  const problems = check({ routes: [{ name: 'a', match: { path: '/a' }, policies, ...answer }] })
  expect(problems).toMatchObject([
    { code: 'PARAM_UNKNOWN', pointer: '/routes/0/policies/0/set/x-id' },
  ])
})

test('a parameter that stands in a key by its bare name is looked at', () => {
  const policies = [
    { use: 'rate-limit', limit: 1, windowSeconds: 60, by: ['params.id', 'params.idd'] },
    { use: 'cache', varyBy: ['params.nope'] },
    { use: 'query', set: { by: 'params.word' } },
  ]
  const match = { path: '/a/:id' }
  const respond = { status: 200, json: { by: ['params.word'] } }
  const problems = check({ routes: [{ name: 'a', match, policies, respond }] })
  expect(problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
    'PARAM_UNKNOWN /routes/0/policies/0/by/1',
    'PARAM_UNKNOWN /routes/0/policies/1/varyBy/0',
  ])
})

test('a parameter in a note is not looked at', () => {
  const route = { name: 'a', match: {}, ...answer }
  const respond = { status: 200, 'x-note': '${params.id}', description: '${params.id}' }
  expect(check({ routes: [{ ...route, respond }] })).toEqual([])
})

test('a policy of the defaults may be left out by its name or its use', () => {
  const defaults = { policies: [{ use: 'log', name: 'trace' }] }
  const routes = [
    { name: 'a', match: { path: '/a' }, skip: ['log'], ...answer },
    { name: 'b', match: { path: '/b' }, skip: ['trace'], ...answer },
    { name: 'c', match: { path: '/c' }, skip: ['trac'], ...answer },
  ]
  expect(check({ defaults, routes })).toMatchObject([
    { code: 'SKIP_UNKNOWN', pointer: '/routes/2/skip/0' },
  ])
})

test('a name that every object has is a name that the table lacks', () => {
  const route = { name: 'a', match: {}, policies: ['constructor'], upstream: 'constructor' }
  const codes = check({ upstreams: {}, policySets: {}, routes: [route] }).map(({ code }) => code)
  expect(codes).toEqual(['POLICY_SET_UNKNOWN', 'UPSTREAM_UNKNOWN'])
})
