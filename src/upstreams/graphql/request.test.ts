import { expect, test } from 'vitest'
import { post, says, setUpGraphql as setUp, USER } from '../../../test/doubles/graphql.ts'
import type { NetworkCall } from '../../platform/ports.ts'

test('a GET becomes an operation, and its data the answer', async () => {
  const { ask, calls, sent } = setUp()
  const { status, json, response } = await ask('/users/7?first=3&utm=x', {
    headers: { accept: 'text/html', 'if-none-match': '"a"', authorization: 'Bearer t' },
  })
  expect([status, json]).toEqual([200, { user: { name: 'Ann' } }])
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('isogate-complete')).toBe('true')
  expect(calls).toMatchObject([{ method: 'POST', url: 'http://shop.internal/base/graphql' }])
  expect(sent()).toEqual([{ query: USER, operationName: 'User', variables: { id: '7', first: 3 } }])
  const { headers } = calls[0] as NetworkCall
  expect(headers).toMatchObject({
    accept: 'application/graphql-response+json, application/json;q=0.9',
    authorization: 'Bearer t',
    'content-type': 'application/json',
  })
  expect(headers['if-none-match']).toBeUndefined()
})

test('a route without an operation passes requests through as they are', async () => {
  const { ask, calls } = setUp({ graphql: null })
  await ask('/users/7?query=x', post('{"query":"{a}"}'))
  expect(calls).toMatchObject([
    { method: 'POST', url: 'http://shop.internal/base/users/7?query=x' },
  ])
})

test('what stands in path, query and body by name is taken, in this order', async () => {
  const { variables } = setUp()
  const body = { id: 'body', first: 9, other: 1 }
  expect(await variables('/users/7?id=query', post(body))).toEqual({ id: '7', first: 9 })
  expect(await variables('/users/7?first=2', post(body))).toEqual({ id: '7', first: 2 })
})

test('a form gives variables too', async () => {
  const { variables } = setUp()
  const form = {
    method: 'POST',
    body: 'first=4&x=y',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }
  expect(await variables('/users/7', form)).toEqual({ id: '7', first: 4 })
})

const TYPES =
  'query T($i: Int, $f: Float, $b: Boolean, $s: String, $l: [Int!], $e: Kind, $o: In) { t(i: $i, f: $f, b: $b, s: $s, l: $l, e: $e, o: $o) }'

test('text becomes of the type that its variable has', async () => {
  const { variables } = setUp({ graphql: { query: TYPES } })
  expect(await variables('/users/7?i=-2147483648&f=1.5e2&b=true&s=&l=1&l=2&e=BIG&o=x')).toEqual({
    i: -2_147_483_648,
    f: 150,
    b: true,
    s: '',
    l: [1, 2],
    e: 'BIG',
    o: 'x',
  })
  const body = { i: 1, f: 2, b: false, s: 'a', l: 3, e: 'BIG', o: { ['__proto__']: 1 } }
  expect(await variables('/users/7', post(body))).toEqual(body)
  expect(await variables('/users/7', post({ i: null }))).toEqual({ i: null })
})

test.each([
  ['?i=2147483648', 'i'],
  ['?i=1.0', 'i'],
  ['?i=', 'i'],
  ['?i=1&i=2', 'i'],
  ['?f=1e999', 'f'],
  ['?f=0x10', 'f'],
  ['?b=1', 'b'],
  ['?l=1&l=x', 'l'],
])('the query %s is refused with the name of the variable', async (query, variable) => {
  const { ask, calls } = setUp({ graphql: { query: TYPES } })
  const { status, json } = await ask(`/users/7${query}`)
  expect([status, json.code, json.variable]).toEqual([400, 'GRAPHQL_VARIABLE_INVALID', variable])
  expect(calls).toEqual([])
})

test.each([
  [{ i: '1' }, 'i'],
  [{ i: 1.5 }, 'i'],
  [{ b: 'true' }, 'b'],
  [{ s: 5 }, 's'],
  [{ l: [1, null] }, 'l'],
])('the body %j is refused with the name of the variable', async (body, variable) => {
  const { ask } = setUp({ graphql: { query: TYPES } })
  const { status, json } = await ask('/users/7', post(body))
  expect([status, json.variable]).toEqual([400, variable])
})

test('a variable that is needed and not there is refused with its name, unless it has a default', async () => {
  const query = 'query ($a: ID! = 1, $b: ID!) { t(a: $a, b: $b) }'
  const { ask, sent } = setUp({ graphql: { query } })
  const { status, json } = await ask('/users/7')
  expect([status, json.code, json.variable]).toEqual([400, 'GRAPHQL_VARIABLE_INVALID', 'b'])
  expect((await ask('/users/7', post({ b: null }))).json.variable).toBe('b')
  await ask('/users/7?b=x')
  expect(sent()).toEqual([{ query, variables: { b: 'x' } }])
})

test.each([
  [
    'text',
    { ...post('x'), headers: { 'content-type': 'text/plain' } },
    415,
    'MEDIA_TYPE_UNSUPPORTED',
  ],
  ['broken JSON', post('{'), 400, 'BODY_INVALID'],
  ['a list', post([1]), 400, 'BODY_INVALID'],
  ['nested without end', post('['.repeat(5_000)), 400, 'BODY_INVALID'],
  ['too long', post({ first: 'x'.repeat(200) }), 413, 'BODY_TOO_LARGE'],
])('a body that is %s is refused', async (_what, sent, status, code) => {
  const { ask } = setUp({ upstream: { graphql: { maxBodyBytes: 100 } }, ...says('{}') })
  const large = setUp()
  const one = status === 413 ? await ask('/users/7', sent) : await large.ask('/users/7', sent)
  expect([one.status, one.json.code]).toEqual([status, code])
})

test('the route says what variables are: templates, constants, and the body as one of them', async () => {
  const query =
    'mutation M($in: UserIn!, $tenant: String!, $n: Int, $ids: [ID!], $f: F) { m(in: $in, t: $tenant, n: $n, ids: $ids, f: $f) }'
  const { variables, ask } = setUp({
    graphql: {
      query,
      body: 'in',
      variables: {
        tenant: '${header.x-tenant}-${params.id}',
        n: '${query.n}',
        ids: '${query.ids}',
        f: { by: '${query.by}', gone: '${query.gone}', list: ['${query.by}', '${query.gone}', 1] },
      },
    },
    route: { match: { path: '/users/:id', methods: ['POST'] } },
  })
  const target = '/users/7?n=2&ids=a&ids=b&by=name&tenant=forged'
  const sent = { ...post({ tenant: 'forged' }) }
  sent.headers = { ...sent.headers, 'x-tenant': 'acme' }
  expect(await variables(target, sent)).toEqual({
    in: { tenant: 'forged' },
    tenant: 'acme-7',
    n: 2,
    ids: ['a', 'b'],
    f: { by: 'name', list: ['name', 1] },
  })
  expect((await ask('/users/7?n=x', sent)).json.variable).toBe('n')
})

test('a variable that the route says is no client’s to give, even where it comes to nothing', async () => {
  const query = 'query Q($tenant: String, $name: String) { q(t: $tenant, n: $name) }'
  const { variables } = setUp({
    graphql: { query, body: true, variables: { tenant: '${claims.tenant}' } },
  })
  const forged = post({ tenant: 'forged', name: 'x' })
  expect(await variables('/users/7?tenant=forged', forged)).toEqual({ name: 'x' })
})
