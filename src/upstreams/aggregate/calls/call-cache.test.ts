/** `cache` of a call: what is kept of one part, for whom, and how the others stay as they are. */
import { expect, test } from 'vitest'
import { type AggregateParts, makeAggregate } from '../../../../test/aggregates.ts'

/** The call `it` is kept for ten seconds; each answer says its number. */
function makeKept(it: object = {}, parts: Partial<AggregateParts> = {}, headers: object = {}) {
  let count = 0
  return makeAggregate({
    calls: { it: { upstream: 'a', path: '/it', cache: { ttlSeconds: 10, early: 0 }, ...it } },
    ...parts,
    answer: () => {
      count += 1
      return Response.json(count, { headers: { ...headers } })
    },
  })
}

const outcomes = (gateway: ReturnType<typeof makeKept>) =>
  gateway.events.map(({ calls }) => calls?.[0]?.cache)

test('a part that is kept is not asked for again while it is fresh', async () => {
  const gateway = makeKept()
  expect((await gateway.get()).json.it).toBe(1)
  expect((await gateway.get('/page/8')).json.it).toBe(1)
  await gateway.clock.advance(11_000)
  expect((await gateway.get()).json.it).toBe(2)
  expect(outcomes(gateway)).toEqual(['miss', 'hit', 'miss'])
  expect(gateway.events.map(({ tries }) => tries)).toEqual([1, 0, 1])
})

test("the client's own conditions and ranges say nothing to a part", async () => {
  const gateway = makeKept({}, {}, { etag: '"v1"' })
  const headers = { 'if-none-match': '"v1"', range: 'bytes=0-0' }
  expect((await gateway.get('/page/7', { headers })).json.it).toBe(1)
  expect((await gateway.get('/page/7', { headers })).json.it).toBe(1)
  expect(gateway.sent).toHaveLength(1)
})

test('requests that differ in what is sent share nothing', async () => {
  const gateway = makeKept({ query: { id: '${params.id}' }, headers: { 'X-A': '${query.a}' } })
  expect((await gateway.get('/page/1')).json.it).toBe(1)
  expect((await gateway.get('/page/2')).json.it).toBe(2)
  expect((await gateway.get('/page/2?a=1')).json.it).toBe(3)
  expect((await gateway.get('/page/1')).json.it).toBe(1)
})

test('what the service varies by is looked at', async () => {
  const gateway = makeKept({}, {}, { vary: 'accept-language' })
  const of = (language: string) =>
    gateway.get('/page/7', { headers: { 'accept-language': language } })
  expect((await of('de')).json.it).toBe(1)
  expect((await of('en')).json.it).toBe(2)
  expect((await of('de')).json.it).toBe(1)
})

const users = { ada: { password: { secret: 'ADA' } }, bob: { password: { secret: 'BOB' } } }
const identified = {
  policies: [{ use: 'basic-auth', users }],
  given: { secrets: { ADA: 'right', BOB: 'right' } },
}
const as = (user: string) => ({ headers: { authorization: `Basic ${btoa(`${user}:right`)}` } })

test('callers share a part that nothing of them is told for', async () => {
  const gateway = makeKept({}, identified)
  expect((await gateway.get('/page/7', as('ada'))).json.it).toBe(1)
  expect((await gateway.get('/page/7', as('bob'))).json.it).toBe(1)
})

test.each([
  ['a field of theirs is listed', { forwardHeaders: ['X-Tenant'] }, {}],
  ['the upstream is told who they are', {}, { a: { headers: { 'X-Sub': '${claims.sub}' } } }],
])('each caller has parts of their own where %s', async (_, it, upstreams) => {
  const gateway = makeKept(it, { ...identified, upstreams })
  expect((await gateway.get('/page/7', as('ada'))).json.it).toBe(1)
  expect((await gateway.get('/page/7', as('bob'))).json.it).toBe(2)
  expect((await gateway.get('/page/7', as('ada'))).json.it).toBe(1)
})

test('a stale part answers at once and is fetched anew behind the answer', async () => {
  const cache = { ttlSeconds: 10, staleWhileRevalidateSeconds: 60, early: 0 }
  const gateway = makeKept({ cache })
  await gateway.get()
  await gateway.clock.advance(11_000)
  expect((await gateway.get()).json.it).toBe(1)
  expect((await gateway.get()).json.it).toBe(2)
  expect(outcomes(gateway)).toEqual(['miss', 'stale', 'hit'])
})

test('a stale part stands in for a service that fails, where the table says so', async () => {
  let isDown = false
  const gateway = makeAggregate({
    calls: {
      it: {
        upstream: 'a',
        path: '/it',
        cache: { ttlSeconds: 10, staleIfErrorSeconds: 60, early: 0 },
      },
    },
    answer: () => Response.json('kept', { status: isDown ? 503 : 200 }),
  })
  await gateway.get()
  isDown = true
  await gateway.clock.advance(11_000)
  expect((await gateway.get()).json.it).toBe('kept')
})

test('of equal requests of many aggregates that miss together one is sent', async () => {
  const gateway = makeKept()
  const all = await Promise.all([gateway.get(), gateway.get(), gateway.get()])
  expect(all.map(({ json }) => json.it)).toEqual([1, 1, 1])
  expect(gateway.sent).toHaveLength(1)
})

test('what is excepted is neither looked for nor kept', async () => {
  const gateway = makeKept({ cache: { ttlSeconds: 10, bypass: { query: { fresh: '1' } } } })
  await gateway.get()
  expect((await gateway.get('/page/7?fresh=1')).json.it).toBe(2)
  expect((await gateway.get()).json.it).toBe(1)
  expect(outcomes(gateway)).toEqual(['miss', 'bypass', 'hit'])
})
