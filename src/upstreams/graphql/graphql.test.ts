import { expect, test } from 'vitest'
import { makeCached } from '../../../test/cached-gateway.ts'
import {
  bodyOf,
  type GraphqlGiven,
  says,
  setUpGraphql as setUp,
  USER,
} from '../../../test/doubles/graphql.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'

const retry = { retry: { attempts: 2, backoff: { kind: 'constant', baseMs: 1, maxMs: 1 } } }

test('a query is tried again though it is sent by POST, a mutation is not', async () => {
  const reply = (count: number) =>
    count === 1 ? { status: 503, body: {} } : { body: { data: { a: 1 } } }
  const query = setUp({ upstream: retry, reply })
  expect([(await query.ask('/users/7')).status, query.calls.length]).toEqual([200, 2])
  const mutation = setUp({
    upstream: retry,
    reply,
    graphql: { query: 'mutation M($id: ID!) { m(id: $id) }' },
    route: { match: { path: '/users/:id', methods: ['PUT'] } },
  })
  const { status } = await mutation.ask('/users/7', { method: 'PUT' })
  expect([status, mutation.calls.length]).toEqual([503, 1])
})

test('a fixed fallback is an answer for the client, another service’s one is GraphQL', async () => {
  const down = { status: 503, body: 'down' }
  const respond = { respond: { status: 200, json: { stand: 'in' } } }
  const fixed = setUp({ upstream: { fallback: [respond] }, reply: () => down })
  expect((await fixed.ask('/users/7')).json).toEqual({ stand: 'in' })
  const other = setUp({
    upstream: { fallback: [{ upstream: 'spare' }] },
    more: { spare: { kind: 'graphql', targets: ['http://spare.internal'] } },
    reply: (_count, { url }) =>
      url.startsWith('http://spare') ? { body: { data: { from: 'spare' } } } : down,
  })
  expect((await other.ask('/users/7')).json).toEqual({ from: 'spare' })
})

test('the cache of the route keeps answers by the URL, as long as the service says', async () => {
  const route = {
    upstream: 'origin',
    graphql: { query: '{ a }', variables: {}, result: '$header.`x-v`' },
  }
  const service = () =>
    Response.json({ data: { a: 1 } }, { headers: { 'cache-control': 'max-age=60' } })
  const { get, calls, clock } = makeCached(service, { upstream: { kind: 'graphql' }, route })
  expect((await get('/a', { headers: { 'x-v': '1' } })).text).toBe('"1"')
  expect((await get('/a', { headers: { 'x-v': '1' } })).text).toBe('"1"')
  expect(calls.length).toBe(1)
  // What the result reads is part of the key.
  expect((await get('/a', { headers: { 'x-v': '2' } })).text).toBe('"2"')
  expect((await get('/b', { headers: { 'x-v': '1' } })).text).toBe('"1"')
  expect(calls.length).toBe(3)
  await clock.advance(61_000)
  await get('/a', { headers: { 'x-v': '1' } })
  expect(calls.length).toBe(4)
})

test('a query may be sent by GET, which is POST again where the URL were too long', async () => {
  const { ask, calls } = setUp({ graphql: { method: 'GET' } })
  await ask('/users/7?first=1')
  const url = new URL(calls[0]?.url ?? '')
  expect([calls[0]?.method, calls[0]?.body, url.pathname]).toEqual(['GET', null, '/base/graphql'])
  expect(Object.fromEntries(url.searchParams)).toEqual({
    query: USER,
    operationName: 'User',
    variables: '{"id":"7","first":1}',
  })
  await ask(`/users/${'x'.repeat(7_500)}`)
  expect([calls[1]?.method, bodyOf(calls[1]?.body ?? null).query]).toEqual(['POST', USER])
})

// printf '%s' "$USER" | sha256sum
const persistedQuery = {
  version: 1,
  sha256Hash: '72c432a7eadf094384eb5da13fc99583b896025060ba7e0263561261f59bb079',
}

test('a persisted query is sent by its hash, and whole to a service that does not know it', async () => {
  const unknown = { errors: [{ message: 'x', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] }
  const reply = (count: number) => ({ body: count === 2 ? unknown : { data: { a: count } } })
  const { ask, sent } = setUp({ graphql: { persisted: true }, reply })
  expect((await ask('/users/7')).json).toEqual({ a: 1 })
  expect((await ask('/users/8')).json).toEqual({ a: 3 })
  const hashed = { operationName: 'User', extensions: { persistedQuery } }
  expect(sent()).toEqual([
    { ...hashed, variables: { id: '7' } },
    { ...hashed, variables: { id: '8' } },
    { ...hashed, variables: { id: '8' }, query: USER },
  ])
})

const unsupported = { errors: [{ message: 'PersistedQueryNotSupported' }] }

test.each([
  ['says so', { body: unsupported }],
  ['misses the document', { status: 400, body: { errors: [{ message: 'No query.' }] } }],
  ['misses it in its own words', { status: 400, body: '<p>No query.</p>' }],
])('a service that keeps no queries and %s gets the document alone', async (_what, first) => {
  const reply = (count: number) => (count === 1 ? first : { body: { data: { a: count } } })
  const { ask, sent } = setUp({ graphql: { persisted: true }, reply })
  expect((await ask('/users/7')).json).toEqual({ a: 2 })
  expect(sent()[1]).toEqual({ query: USER, operationName: 'User', variables: { id: '7' } })
})

test('an operation that failed under its hash is not asked again', async () => {
  const failed = { errors: [{ message: 'x' }], data: null }
  const { ask, calls } = setUp({ graphql: { persisted: true }, ...says(failed) })
  expect([(await ask('/users/7')).status, calls.length]).toEqual([502, 1])
})

function late(parts: GraphqlGiven = {}) {
  const clock = new MemoryClock()
  return { clock, ...setUp({ upstream: { timeoutMs: 1_000 }, clock, ...parts }) }
}

test('a body that does not end is called off when the time of the call is over', async () => {
  let isCancelled = false
  const body = new ReadableStream({
    cancel() {
      isCancelled = true
    },
  })
  const headers = { 'content-type': 'application/json' }
  const { clock, ask } = late({ answer: () => new Response(body, { headers }) })
  const asked = ask('/users/7')
  await clock.advance(1_000)
  const { status, json } = await asked
  expect([status, json.code, isCancelled]).toEqual([504, 'UPSTREAM_TIMEOUT', true])
})

test('where the hash alone took all the time there is no second call', async () => {
  const { clock, ask, calls } = late({
    graphql: { persisted: true },
    answer: async () => {
      await clock.after(1_000).done
      return Response.json({ errors: [{ message: 'PersistedQueryNotFound' }] })
    },
  })
  const asked = ask('/users/7')
  await clock.advance(1_000)
  const { status, json } = await asked
  expect([status, json.code, calls.length]).toEqual([504, 'UPSTREAM_TIMEOUT', 1])
})

test('a body that breaks off is UPSTREAM_UNREACHABLE', async () => {
  const body = new ReadableStream({ start: (own) => own.error(new Error('lost')) })
  const headers = { 'content-type': 'application/json' }
  const { ask } = setUp({ answer: () => new Response(body, { headers }) })
  const { status, json } = await ask('/users/7')
  expect([status, json.code]).toEqual([502, 'UPSTREAM_UNREACHABLE'])
})
