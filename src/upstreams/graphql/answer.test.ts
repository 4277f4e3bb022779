import { expect, test } from 'vitest'
import { says, setUpGraphql as setUp } from '../../../test/doubles/graphql.ts'

test('numbers that no double holds go out as the service wrote them', async () => {
  const { ask } = setUp(
    says('{ "extensions": {"data": 1}, "data" : {"n":12345678901234567890, "s":"}\\""} }'),
  )
  expect((await ask('/users/7')).text).toBe('{"n":12345678901234567890, "s":"}\\""}')
})

test.each([
  ['user.name', '"Ann"'],
  ['user.orders.id', '[1,null]'],
  ['user', '{"name":"Ann","orders":[{"id":1},{}]}'],
  ['user.gone', 'null'],
  ['user.constructor', 'null'],
  ["{ 'n': user.name, 'by': $params.id }", '{"n":"Ann","by":"7"}'],
])('the result %s is cut out of the data', async (result, expected) => {
  const user = { name: 'Ann', orders: [{ id: 1 }, {}] }
  const { ask } = setUp({ graphql: { result }, ...says({ data: { user } }) })
  expect((await ask('/users/7')).text).toBe(expected)
})

test('an expression that fails on the data is TRANSFORM_FAILED', async () => {
  const { ask } = setUp({ graphql: { result: 'user.name + 1' } })
  expect((await ask('/users/7')).json.code).toBe('TRANSFORM_FAILED')
})

test.each([
  [{ data: { user: null } }, 'user', 404],
  [{ data: { user: null } }, undefined, 404],
  [{ data: { user: { name: null } } }, 'user.name', 404],
  [{ data: { user: { name: null } } }, undefined, 200],
])('with nullIs404 %j under %s is %i', async (body, result, status) => {
  const graphql = { nullIs404: true, ...(result === undefined ? {} : { result }) }
  const { ask } = setUp({ graphql, ...says(body) })
  const found = await ask('/users/7')
  expect(found.status).toBe(status)
  if (status === 404) expect(found.json.code).toBe('GRAPHQL_NOT_FOUND')
  expect((await setUp({ ...says(body) }).ask('/users/7')).status).toBe(200)
})

const error = (code?: string, more: object = {}) => ({
  message: 'No.',
  ...more,
  ...(code === undefined ? {} : { extensions: { code } }),
})

test.each([
  ['UNAUTHENTICATED', 200, 401],
  ['FORBIDDEN', 200, 403],
  ['NOT_FOUND', 200, 404],
  ['BAD_USER_INPUT', 400, 400],
  ['GRAPHQL_VALIDATION_FAILED', 400, 502],
  ['INTERNAL_SERVER_ERROR', 500, 502],
  ['SOLD_OUT', 200, 409],
  ['constructor', 200, 502],
  [undefined, 200, 502],
  [undefined, 429, 429],
  [undefined, 400, 502],
])('the error %s with HTTP %i is %i', async (code, http, status) => {
  const graphql = { errors: { SOLD_OUT: 409, INTERNAL: 500 } }
  const body = { errors: [error(code, { path: ['user', 0], locations: [] })], data: null }
  const { ask } = setUp({
    graphql,
    ...says(body, { status: http, headers: { 'retry-after': '9' } }),
  })
  const found = await ask('/users/7')
  expect([found.status, found.json.code]).toEqual([status, 'GRAPHQL_FAILED'])
  const shown = { message: 'No.', path: ['user', 0], ...(code === undefined ? {} : { code }) }
  expect(found.json.errors).toEqual([shown])
  expect(found.response.headers.get('retry-after')).toBe(status === 429 ? '9' : null)
})

test.each([
  ['Variable "$user" got invalid value { r: "GOD" }; Expected', undefined, 400],
  ['Variable "$n" of required type "N!" was not provided.', undefined, 400],
  ['Variable "$n" of type "Int" used in position expecting type "ID!".', undefined, 502],
  ['Variable "$n" got invalid value 1', 'GRAPHQL_VALIDATION_FAILED', 502],
])('the error %j with the code %s is %i', async (message, code, status) => {
  const { ask } = setUp(says({ errors: [error(code, { message })] }, { status: 400 }))
  expect((await ask('/users/7')).status).toBe(status)
})

test('an error that took all that was asked for is no partial answer', async () => {
  const body = { errors: [error('NOT_FOUND', { path: ['user'] })], data: { user: null } }
  for (const graphql of [{}, { result: 'user' }]) {
    expect((await setUp({ graphql, ...says(body) }).ask('/users/7')).status).toBe(404)
  }
})

test('with exposeErrors false the words of the service stay behind', async () => {
  const upstream = { graphql: { exposeErrors: false } }
  const { ask } = setUp({ upstream, ...says({ errors: [error('FORBIDDEN')] }) })
  expect((await ask('/users/7')).json.errors).toEqual([{ code: 'FORBIDDEN' }])
})

test('data that comes with errors is a partial answer that nobody keeps', async () => {
  const body = {
    data: { user: { name: 'Ann' }, ads: null },
    errors: [error('X', { path: ['ads'] })],
  }
  const headers = {
    'cache-control': 'max-age=60',
    'cdn-cache-control': 'max-age=60',
    'isogate-cache-control': 'max-age=60',
  }
  const { ask } = setUp(says(body, { headers }))
  const { status, json, response } = await ask('/users/7')
  const errors = [{ message: 'No.', path: ['ads'], code: 'X' }]
  expect([status, json]).toEqual([200, { ...body.data, errors }])
  expect(response.headers.get('isogate-complete')).toBe('false')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('cdn-cache-control')).toBeNull()
  expect(response.headers.get('isogate-cache-control')).toBeNull()
  const named = setUp({ graphql: { result: 'user.name' }, ...says(body) })
  expect((await named.ask('/users/7')).json).toEqual({ data: 'Ann', errors })
  const refusing = setUp({ graphql: { partial: 'refuse' }, ...says(body) })
  expect((await refusing.ask('/users/7')).status).toBe(502)
})

test('an object that has errors of its own is put under data', async () => {
  const { ask } = setUp(says({ data: { errors: 1 }, errors: [error()] }))
  expect((await ask('/users/7')).json).toEqual({
    data: { errors: 1 },
    errors: [{ message: 'No.' }],
  })
  const empty = setUp(says({ data: { a: {} }, errors: [error()] }))
  expect((await empty.ask('/users/7')).json).toEqual({ a: {}, errors: [{ message: 'No.' }] })
})

test('a list of errors without end is cut, and so are its words', async () => {
  const errors = Array.from({ length: 50_000 }, () =>
    error('C'.repeat(300), { message: 'm'.repeat(900), path: Array(90).fill('p') }),
  )
  const { ask } = setUp({
    upstream: { graphql: { maxBodyBytes: 67_108_864 } },
    ...says({ errors: errors.slice(0, 5_000) }),
  })
  const shown = (await ask('/users/7')).json.errors as { message: string; path: []; code: string }[]
  expect(shown.length).toBe(20)
  expect([shown[0]?.message.length, shown[0]?.path.length, shown[0]?.code.length]).toEqual([
    500, 32, 100,
  ])
})

test('names of the data are data', async () => {
  const text = '{"data":{"__proto__":{"x":1},"constructor":null}}'
  expect((await setUp(says(text)).ask('/users/7')).text).toBe(
    '{"__proto__":{"x":1},"constructor":null}',
  )
  const { ask } = setUp({ graphql: { result: '__proto__.x' }, ...says(text) })
  expect((await ask('/users/7')).text).toBe('1')
})

test.each([
  ['no JSON', '<html>'],
  ['a list', '[]'],
  ['null', 'null'],
  ['nothing of GraphQL', '{}'],
  ['null alone', '{"data":null}'],
  ['an empty list of errors alone', '{"errors":[]}'],
  ['data that is text', '{"data":"x"}'],
  ['errors that are no list', '{"data":{},"errors":{}}'],
  ['nested without end', `{"data":${'['.repeat(5_000)}`],
])('an answer that is %s is 502 UPSTREAM_BODY_INVALID', async (_what, body) => {
  const { ask, bugs } = setUp(says(body))
  const { status, json } = await ask('/users/7')
  expect([status, json.code, bugs]).toEqual([502, 'UPSTREAM_BODY_INVALID', []])
})

test.each([
  [200, 502, 'UPSTREAM_BODY_INVALID'],
  [404, 502, 'GRAPHQL_FAILED'],
  [403, 403, 'GRAPHQL_FAILED'],
  [503, 503, 'GRAPHQL_FAILED'],
  [500, 502, 'GRAPHQL_FAILED'],
  [301, 502, 'GRAPHQL_FAILED'],
])('a page of HTML with %i is %i', async (http, status, code) => {
  const { ask } = setUp(says('<html>', { status: http, headers: { 'content-type': 'text/html' } }))
  const found = await ask('/users/7')
  expect([found.status, found.json.code]).toEqual([status, code])
})

test('an answer above the cap is 502', async () => {
  const upstream = { graphql: { maxBodyBytes: 40 } }
  const { ask } = setUp({ upstream, ...says({ data: { a: 'x'.repeat(100) } }) })
  const { status, json } = await ask('/users/7')
  expect([status, json.code]).toEqual([502, 'UPSTREAM_BODY_TOO_LARGE'])
})

test('fields that tell of the answer come with it, those of its body and cookies do not', async () => {
  const headers = {
    'cache-control': 'max-age=60',
    'set-cookie': 'a=b',
    etag: '"x"',
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    'x-trace': '1',
    vary: 'Accept, X-Tenant, accept-encoding',
  }
  const { ask } = setUp(says({ data: { a: 1 } }, { headers }))
  const { response } = await ask('/users/7')
  const shown = Object.fromEntries(
    [...Object.keys(headers), 'vary'].map((name) => [name, response.headers.get(name)]),
  )
  expect(shown).toEqual({
    'cache-control': 'max-age=60',
    'set-cookie': null,
    etag: null,
    'last-modified': null,
    'x-trace': '1',
    vary: 'X-Tenant',
  })
})

test('HEAD has the fields of GET and no body', async () => {
  const { ask, calls } = setUp()
  const { response, text } = await ask('/users/7', { method: 'HEAD' })
  expect([response.status, text, calls[0]?.method]).toEqual([200, '', 'POST'])
  expect(response.headers.get('content-type')).toBe('application/json')
})
