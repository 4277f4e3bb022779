import { expect, test } from 'vitest'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

const upstreams = {
  shop: { kind: 'graphql', targets: ['https://shop.example.com'] },
  plain: { targets: ['https://plain.example.com'] },
}
const query = 'query Q($id: ID!, $n: Int = 1) { q(id: $id, n: $n) }'

/** The problems of a table with one route that holds this. */
function judge(graphql: object, route: object = {}, more: object = {}) {
  const routes = [
    { name: 'q', match: { path: '/:id', methods: ['POST'] }, upstream: 'shop', graphql, ...route },
  ]
  const table = { version: 1, upstreams: { ...upstreams, ...more }, routes }
  const loaded = loadTable(JSON.stringify(table), environmentOf({}))
  const all = loaded.kind === 'loaded' ? loaded.warnings : loaded.problems
  return all.map(({ pointer, code, found = '' }) => `${code} ${pointer} ${found}`.trim())
}

const at = '/routes/0/graphql'
const two = 'query A { a } query B { b } mutation C { c }'

test.each([
  ['an operation', { query }, []],
  ['the name of one of several', { query: two, operationName: 'B' }, []],
  ['no name of several', { query: two }, [`OPERATION_INVALID ${at}/operationName nothing`]],
  [
    'an unknown name',
    { query: two, operationName: 'D' },
    [`OPERATION_INVALID ${at}/operationName "D"`],
  ],
  [
    'fragments alone',
    { query: 'fragment F on T { a }' },
    [`OPERATION_INVALID ${at}/query fragments alone`],
  ],
  [
    'a subscription',
    { query: 'subscription { a }' },
    [`OPERATION_INVALID ${at}/query a subscription`],
  ],
  [
    'an unused variable',
    { query: 'query ($a: Int) { a }' },
    [`OPERATION_INVALID ${at}/query $a, which nothing reads`],
  ],
  [
    'an undeclared variable',
    { query: '{ a(b: $b) }' },
    [`OPERATION_INVALID ${at}/query $b, which is not declared`],
  ],
  [
    'a variable declared twice',
    { query: 'query ($a: Int, $a: Int) { a(a: $a) }' },
    [`OPERATION_INVALID ${at}/query $a declared twice`],
  ],
  [
    'a variable that the operation does not have',
    { query, variables: { id: '${params.id}', m: 1 } },
    [`OPERATION_INVALID ${at}/variables/m "m"`],
  ],
  [
    'variables without one that is needed',
    { query, variables: {} },
    [`OPERATION_INVALID ${at}/variables no $id`],
  ],
  ['the one that is needed in the body', { query, variables: {}, body: 'id' }, []],
  ['an unknown one in the body', { query, body: 'x' }, [`OPERATION_INVALID ${at}/body "x"`]],
  [
    'a constant of another type',
    { query, variables: { id: 'a', n: '5' } },
    [`OPERATION_INVALID ${at}/variables/n "5"`],
  ],
])('%s', (_what, graphql, problems) => {
  expect(judge(graphql)).toEqual(problems)
})

test.each([
  ['broken syntax', { query: '{ a' }, [`GRAPHQL_INVALID ${at}/query`]],
  ['a broken expression', { query, result: 'a +' }, [`EXPRESSION_INVALID ${at}/result`]],
  [
    'a broken template',
    { query, variables: { id: '${nope.x}' } },
    [`TEMPLATE_INVALID ${at}/variables/id`],
  ],
])('%s is told at its place', (_what, graphql, problems) => {
  expect(judge(graphql).map((problem) => problem.split(' ', 2).join(' '))).toEqual(problems)
})

test('an operation needs an upstream that speaks GraphQL, in every share', () => {
  const found = [`OPERATION_WITHOUT_UPSTREAM ${at} another`]
  expect(judge({ query }, { upstream: 'plain' })).toEqual(found)
  const shares = [
    { upstream: 'shop', weight: 1 },
    { upstream: 'plain', weight: 1 },
  ]
  expect(judge({ query }, { upstream: shares })).toEqual(found)
  expect(
    judge({ query }, { upstream: { kind: 'graphql', targets: ['http://a.example'] } }),
  ).toEqual([])
})

test('options of GraphQL need their kind', () => {
  const odd = { targets: ['http://a.example'], graphql: {} }
  expect(judge({ query }, {}, { odd })[0]).toContain('/upstreams/odd/kind')
})

test('a mutation is refused under a method that changes nothing, and by GET to the service', () => {
  const mutation = { query: 'mutation { a }' }
  const found = 'MUTATION_BY_SAFE_METHOD /routes/0/match'
  expect(judge(mutation)).toEqual([])
  expect(judge(mutation, { match: { path: '/', methods: ['POST', 'GET'] } })).toEqual([
    `${found}/methods GET`,
  ])
  expect(judge(mutation, { match: { path: '/' } })).toEqual([`${found}/methods no methods`])
  expect(judge(mutation, { match: [{ path: '/', methods: ['POST'] }, { path: '/b' }] })).toEqual([
    `${found}/1/methods no methods`,
  ])
  expect(judge({ ...mutation, method: 'GET' })).toEqual([
    `OPERATION_INVALID ${at}/method "GET" for a mutation`,
  ])
})

test('a parameter that no path gives is told where a variable reads it', () => {
  const variables = { id: '${params.user}', n: 1 }
  expect(judge({ query, variables })).toEqual([`PARAM_UNKNOWN ${at}/variables/id "user"`])
})
