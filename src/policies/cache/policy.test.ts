/** What a table with `cache` means for whole requests: a real pipeline, stores in memory, a clock that is set. */
import { expect, test } from 'vitest'
import { counted, makeCached, type ServiceAnswer } from '../../../test/cached-gateway.ts'

test('an answer that is fresh is given again, with its age, and then no more', async () => {
  const { get, clock, calls, outcomes } = makeCached(counted)
  const first = await get()
  expect(first.headers.get('cache-status')).toBe('isogate; fwd=uri-miss; fwd-status=200; stored')
  await clock.advance(4000)
  const second = await get()
  expect(second.text).toBe('answer 1')
  expect(second.headers.get('age')).toBe('4')
  expect(second.headers.get('cache-status')).toBe('isogate; hit; ttl=6')
  await clock.advance(6000)
  expect((await get()).text).toBe('answer 2')
  expect(calls).toHaveLength(2)
  expect(outcomes()).toEqual(['miss', 'hit', 'miss'])
})

test('HEAD and conditions of a client are answered out of the store', async () => {
  const { get, calls } = makeCached(
    () => new Response('0123456789', { headers: { 'cache-control': 'max-age=10', etag: '"a"' } }),
  )
  await get()
  expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  const unchanged = await get('/', { headers: { 'if-none-match': 'W/"a"' } })
  expect(unchanged).toMatchObject({ status: 304, text: '' })
  expect(unchanged.headers.get('etag')).toBe('"a"')
  expect(await get('/', { headers: { range: 'bytes=2-4' } })).toMatchObject({
    status: 206,
    text: '234',
  })
  expect(await get('/', { headers: { range: 'bytes=20-' } })).toMatchObject({ status: 416 })
  expect(await get('/', { headers: { range: 'bytes=2-4', 'if-range': '"b"' } })).toMatchObject({
    status: 200,
    text: '0123456789',
  })
  expect(calls).toHaveLength(1)
})

test('an answer to HEAD is never given to GET, and brings what is stored up to date', async () => {
  const { get, clock, calls } = makeCached((call) =>
    call.method === 'HEAD'
      ? new Response(null, { headers: { 'cache-control': 'max-age=100', etag: '"a"' } })
      : new Response('body', { headers: { 'cache-control': 'max-age=10', etag: '"a"' } }),
  )
  await get('/', { method: 'HEAD' })
  expect((await get()).text).toBe('body')
  await clock.advance(20_000)
  await get('/', { method: 'HEAD' })
  const hit = await get()
  expect(hit.text).toBe('body')
  expect(hit.headers.get('cache-status')).toBe('isogate; hit; ttl=100')
  expect(calls).toHaveLength(3)
})

test('a client that has the answer already makes the gateway fetch all of it for the store', async () => {
  const { get, calls } = makeCached(
    () => new Response('body', { headers: { 'cache-control': 'max-age=10', etag: '"a"' } }),
  )
  const first = await get('/', { headers: { 'if-none-match': '"a"' } })
  expect(first).toMatchObject({ status: 304, text: '' })
  expect(calls[0]?.headers['if-none-match']).toBeUndefined()
  expect(await get()).toMatchObject({ status: 200, text: 'body' })
  expect(calls).toHaveLength(1)
})

test('a stale answer is confirmed by a 304, and stands with its new fields', async () => {
  const { get, clock, calls, outcomes } = makeCached((_call, count) =>
    count === 1
      ? new Response('body', { headers: { 'cache-control': 'max-age=2', etag: '"a"', 'x-n': '1' } })
      : new Response(null, { status: 304, headers: { 'cache-control': 'max-age=60', 'x-n': '2' } }),
  )
  await get()
  await clock.advance(3000)
  const confirmed = await get('/', { headers: { 'if-none-match': '"other"' } })
  expect(calls[1]?.headers['if-none-match']).toBe('"a"')
  expect(confirmed).toMatchObject({ status: 200, text: 'body' })
  expect(confirmed.headers.get('x-n')).toBe('2')
  await clock.advance(30_000)
  expect((await get()).headers.get('cache-status')).toBe('isogate; hit; ttl=30')
  expect(outcomes()).toEqual(['miss', 'revalidated', 'hit'])
})

test('a stale answer is used while it is refreshed in the background', async () => {
  const { get, clock, calls, outcomes } = makeCached(
    (_call, count) =>
      new Response(`answer ${count}`, {
        headers: { 'cache-control': 'max-age=1, stale-while-revalidate=10' },
      }),
  )
  await get()
  await clock.advance(3000)
  expect((await get()).text).toBe('answer 1')
  expect(calls).toHaveLength(2)
  expect((await get()).text).toBe('answer 2')
  expect(outcomes()).toEqual(['miss', 'stale', 'hit'])
})

test.each([
  ['a status', () => new Response('down', { status: 503 })],
  ['a lost connection', () => Promise.reject(new Error('Network connection lost.'))],
])('a stale answer stands in for a service that fails by %s', async (_how, fails) => {
  const { get, clock, outcomes } = makeCached(
    (call, count) => (count === 1 ? counted(call, count) : fails()),
    { cache: { staleIfErrorSeconds: 60 } },
  )
  await get()
  await clock.advance(15_000)
  const stale = await get()
  expect(stale).toMatchObject({ status: 200, text: 'answer 1' })
  expect(stale.headers.get('cache-status')).toContain('fwd=stale')
  await clock.advance(60_000)
  expect((await get()).status).toBeGreaterThanOrEqual(502)
  expect(outcomes()).toEqual(['miss', 'stale', 'miss'])
})

test('what must be revalidated never stands in', async () => {
  const { get, clock } = makeCached(
    (_call, count) =>
      count === 1
        ? new Response('a', { headers: { 'cache-control': 'max-age=1, must-revalidate' } })
        : new Response('down', { status: 503 }),
    { cache: { staleIfErrorSeconds: 60 } },
  )
  await get()
  await clock.advance(2000)
  expect((await get()).status).toBe(503)
})

test('`fallback: [{ stale: true }]` gives the stale answer, and nobody may keep it', async () => {
  const { get, clock } = makeCached(
    (call, count) => (count === 1 ? counted(call, count) : new Response('down', { status: 503 })),
    { upstream: { fallback: [{ stale: true }] } },
  )
  await get()
  await clock.advance(30_000)
  const stale = await get()
  expect(stale).toMatchObject({ status: 200, text: 'answer 1' })
  expect(stale.headers.get('cache-control')).toBe('no-store')
})

test('variants hang below the answer that came first', async () => {
  const { get, calls } = makeCached(
    ({ headers }) =>
      new Response(`in ${headers['accept-language']}`, {
        headers: { 'cache-control': 'max-age=10', vary: 'Accept-Language' },
      }),
  )
  const say = (language: string) => get('/', { headers: { 'accept-language': language } })
  await say('en')
  const other = await say('de')
  expect(other.headers.get('cache-status')).toContain('fwd=vary-miss')
  await say('fr')
  expect((await say('en')).text).toBe('in en')
  expect((await say('DE')).text).toBe('in de')
  expect((await say(' fr ')).text).toBe('in fr')
  expect(calls).toHaveLength(3)
})

test('an answer that only a stored one may give is 504 where there is none', async () => {
  const { get, calls, events } = makeCached(counted)
  const empty = await get('/', { headers: { 'cache-control': 'only-if-cached' } })
  expect(empty.status).toBe(504)
  expect(events[0]?.error).toBe('CACHE_NOT_STORED')
  expect(calls).toHaveLength(0)
  expect(empty.headers.get('cache-status')).toBe('isogate')
})

test('a change that succeeds ends what is stored of its target and of what it names', async () => {
  const { get, calls } = makeCached((call, count) =>
    call.method === 'GET'
      ? counted(call, count)
      : new Response(null, { status: 201, headers: { location: '/made' } }),
  )
  await get('/list')
  await get('/made')
  await get('/other')
  await get('/list', { method: 'POST', body: 'x' })
  await get('/list')
  await get('/made')
  await get('/other')
  expect(calls.map(({ method }) => method).join(' ')).toBe('GET GET GET POST GET GET')
})

test('an answer to POST that names its own URL is kept for GET', async () => {
  const { get, calls } = makeCached(
    (call, count) =>
      new Response(`answer ${count}`, {
        headers: {
          'cache-control': 'max-age=10',
          ...(call.method === 'POST' ? { 'content-location': '/doc' } : {}),
        },
      }),
    { cache: { methods: ['GET', 'HEAD', 'POST'] } },
  )
  await get('/doc', { method: 'POST', body: 'x' })
  expect((await get('/doc')).text).toBe('answer 1')
  await get('/other', { method: 'POST', body: 'x' })
  expect((await get('/other')).text).toBe('answer 3')
  expect(calls).toHaveLength(3)
})

test('a change that fails ends nothing', async () => {
  const { get, calls } = makeCached((call, count) =>
    call.method === 'GET' ? counted(call, count) : new Response('no', { status: 500 }),
  )
  await get()
  await get('/', { method: 'DELETE' })
  expect((await get()).text).toBe('answer 1')
  expect(calls).toHaveLength(2)
})

test('requests that miss together are one request to the service', async () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const { ask, rest, calls, outcomes } = makeCached(async (call, count) => {
    await gate
    return counted(call, count)
  })
  const asked = [1, 2, 3, 4].map(() => ask({ target: '/hot' }))
  open()
  const texts = await Promise.all(asked.map(async (answer) => (await answer).text()))
  await rest()
  expect(texts).toEqual(['answer 1', 'answer 1', 'answer 1', 'answer 1'])
  expect(calls).toHaveLength(1)
  expect(outcomes().sort()).toEqual(['collapsed', 'collapsed', 'collapsed', 'miss'])
})

test('those who wait for what cannot be shared go alone', async () => {
  const { ask, calls } = makeCached((_call, count) => new Response(`own ${count}`))
  const asked = [1, 2, 3].map(() => ask({ target: '/hot' }))
  const texts = await Promise.all(asked.map(async (answer) => (await answer).text()))
  expect(texts.sort()).toEqual(['own 1', 'own 2', 'own 3'])
  expect(calls).toHaveLength(3)
})

test('every answer of the route says what the cache did: also where it was not asked', async () => {
  const policies = [{ use: 'authorize', roles: ['none'], when: { path: '/closed' } }]
  const { get } = makeCached(counted, {
    policies,
    cache: { when: { headers: { 'x-cached': '1' } } },
  })
  const statusOf = async (...asked: Parameters<typeof get>) =>
    (await get(...asked)).headers.get('cache-status')
  expect(await statusOf('/closed')).toBe('isogate; detail=not-asked')
  expect(await statusOf('/')).toBe('isogate; fwd=bypass; detail=when')
  expect(await statusOf('/', { headers: { 'x-cached': '1' } })).toContain('fwd=uri-miss')
})

test('what is in no store does not say that it is', async () => {
  const { get } = makeCached(counted, { cache: { store: 'global' } })
  const { headers } = await get()
  expect(headers.get('cache-status')).toBe(
    'isogate; fwd=uri-miss; fwd-status=200; detail=short-lived',
  )
})

test('a range of a stale answer goes on with its own condition', async () => {
  const { get, clock, calls } = makeCached(
    () => new Response('0123456789', { headers: { 'cache-control': 'max-age=10' } }),
  )
  await get()
  await clock.advance(11_000)
  await get('/', { headers: { range: 'bytes=2-4', 'if-range': '"b"' } })
  expect(calls[1]?.headers).toMatchObject({ range: 'bytes=2-4', 'if-range': '"b"' })
})

test('what a fallback answers is no status of the service', async () => {
  const { get } = makeCached(() => new Response(null, { status: 503 }), {
    upstream: { fallback: [{ respond: { status: 200, json: {} } }] },
  })
  const { status, headers } = await get()
  expect(status).toBe(200)
  expect(headers.get('cache-status')).toBe('isogate; fwd=uri-miss; detail=fallback')
})

test('a stale answer stands in for a service that fails HEAD, and no fallback tells of it', async () => {
  const failing: ServiceAnswer = (_call, count) =>
    count === 1
      ? new Response('body', { headers: { 'cache-control': 'max-age=10', 'x-of': 'service' } })
      : new Response(null, { status: 503 })
  const lent = makeCached(failing, { cache: { staleIfErrorSeconds: 60 } })
  await lent.get()
  await lent.clock.advance(11_000)
  expect(await lent.get('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  const fallback = [{ respond: { status: 200, headers: { 'x-of': 'fallback' }, body: 'else' } }]
  const replaced = makeCached(failing, { upstream: { fallback } })
  await replaced.get()
  await replaced.clock.advance(11_000)
  await replaced.get('/', { method: 'HEAD' })
  const stored = await replaced.get('/', { headers: { 'cache-control': 'max-stale' } })
  expect(stored).toMatchObject({ status: 200, text: 'body' })
  expect(stored.headers.get('x-of')).toBe('service')
})

test('requests that miss together are one request for each variant', async () => {
  const { ask, rest, calls } = makeCached(async ({ headers }) => {
    await Promise.resolve()
    return new Response(headers['x-l'], {
      headers: { 'cache-control': 'max-age=10', vary: 'X-L' },
    })
  })
  const asked = ['a', 'b', 'b', 'a', 'b', 'c', 'c'].map((value) =>
    ask({ headers: { 'x-l': value } }),
  )
  const texts = await Promise.all(asked.map(async (answer) => (await answer).text()))
  await rest()
  expect(texts.join('')).toBe('abbabcc')
  expect(calls).toHaveLength(3)
})

test('a hit takes what the table changes of answers, behind what the cache says', async () => {
  const policies = [
    { use: 'response-headers', set: { 'x-a': '1' }, rename: { 'cache-status': 'x-cache' } },
  ]
  const { get } = makeCached(counted, { policies })
  await get()
  const { headers } = await get()
  expect(headers.get('x-a')).toBe('1')
  expect(headers.get('cache-status')).toBeNull()
  expect(headers.get('x-cache')).toBe('isogate; hit; ttl=10')
})

test('what caches before this one said stands in front of what it says', async () => {
  const { get } = makeCached(
    () =>
      new Response('', { headers: { 'cache-control': 'max-age=10', 'cache-status': 'Far; hit' } }),
  )
  await get()
  expect((await get()).headers.get('cache-status')).toBe('Far; hit, isogate; hit; ttl=10')
})
