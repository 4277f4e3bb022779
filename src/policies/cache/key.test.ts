/** What is in the key, who passes by, what purges and faults of stores come to, and how bodies are kept. */
import { expect, test } from 'vitest'
import { counted, makeCached, type ServiceAnswer } from '../../../test/cached-gateway.ts'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { bindKey } from './key.ts'

test.each([
  ['the host', { host: 'other.example.com' }],
  ['the path', { target: '/x' }],
  ['the query', { target: '/?a=2' }],
])('%s is in the key', async (_what, other) => {
  const { get, calls } = makeCached(counted)
  await get('/?a=1')
  const { target = '/?a=1', ...ask } = other as { target?: string; host?: string }
  await get(target, ask)
  expect(calls).toHaveLength(2)
})

test('noise in the query is in no key, and reaches no service', async () => {
  const { get, calls } = makeCached(counted)
  await get('/?a=1&utm_source=x')
  expect((await get('/?utm_campaign=y&a=1')).text).toBe('answer 1')
  expect(calls.map(({ url }) => new URL(url).search)).toEqual(['?a=1'])
})

test('what a request-headers policy reads of a request is in the key', async () => {
  const policies = [{ use: 'request-headers', set: { 'X-Tenant': '${header.x-team}' } }]
  const { get, calls } = makeCached(
    ({ headers }) =>
      new Response(headers['x-tenant'] ?? '', { headers: { 'cache-control': 'max-age=10' } }),
    { policies },
  )
  expect((await get('/', { headers: { 'x-team': 'a' } })).text).toBe('a')
  expect((await get('/', { headers: { 'x-team': 'b' } })).text).toBe('b')
  expect((await get('/', { headers: { 'x-team': 'a' } })).text).toBe('a')
  expect(calls).toHaveLength(2)
})

test('whether a shaping policy runs is in the key, and what an upstream adds', async () => {
  const policies = [
    { use: 'rewrite', path: '/beta', when: { headers: { 'x-beta': { present: true } } } },
  ]
  const upstream = { headers: { 'X-Lang': '${cookie.lang}' } }
  const { get, calls } = makeCached(counted, { policies, upstream })
  await get('/')
  await get('/', { headers: { 'x-beta': '1' } })
  await get('/', { headers: { cookie: 'lang=de' } })
  await get('/', { headers: { 'x-other': '1' } })
  expect(calls).toHaveLength(3)
})

test('what a split reads is in the key: nobody is given the answer of a side that others asked for', async () => {
  const { get, calls } = makeCached(
    ({ url }) => new Response(url, { headers: { 'cache-control': 'max-age=10' } }),
    {
      upstreams: { next: { targets: ['http://127.0.0.1:10'] } },
      route: {
        upstream: [
          { upstream: 'origin', weight: 1 },
          { upstream: 'next', weight: 0 },
        ],
        split: {
          header: { name: 'X-Version', values: { next: 'next' } },
          sticky: { hash: ['cookie.sid'] },
        },
      },
    },
  )
  expect((await get('/', { headers: { 'x-version': 'next' } })).text).toBe('http://127.0.0.1:10/')
  expect((await get()).text).toBe('http://127.0.0.1:9/')
  expect((await get('/', { headers: { 'x-version': 'other' } })).text).toBe('http://127.0.0.1:9/')
  expect(calls).toHaveLength(2)
  await get('/', { headers: { cookie: 'sid=a' } })
  await get('/', { headers: { cookie: 'sid=b' } })
  expect(calls).toHaveLength(4)
})

test.each([{}, { private: false }])(
  'who is let in without a name has no answer that another one’s fields made: %j',
  async (cache) => {
    const { get } = makeCached(
      ({ url, headers }) => {
        if (url.includes('/check')) {
          return new Response(null, { headers: { 'x-user': headers.cookie ?? '' } })
        }
        return new Response(headers['x-me'], { headers: { 'cache-control': 'max-age=10' } })
      },
      {
        cache,
        policies: [
          {
            use: 'external-auth',
            url: 'http://127.0.0.1:11/check',
            responseHeaders: ['X-User'],
          },
          { use: 'request-headers', rename: { 'X-User': 'X-Me' } },
        ],
      },
    )
    expect((await get('/', { headers: { cookie: 'ann' } })).text).toBe('ann')
    expect((await get('/', { headers: { cookie: 'ben' } })).text).toBe('ben')
    expect((await get('/', { headers: { cookie: 'ann' } })).text).toBe('ann')
  },
)

test('an answer that the route makes of its own templates is kept for nobody', async () => {
  const { get } = makeCached(counted, {
    cache: { ttlSeconds: 60 },
    route: { respond: { status: 200, body: '${header.x-name}' } },
  })
  expect((await get('/', { headers: { 'x-name': 'ann' } })).text).toBe('ann')
  const other = await get('/', { headers: { 'x-name': 'ben' } })
  expect(other.text).toBe('ben')
  expect(other.headers.get('cache-status')).toContain('detail=no-upstream')
})

test('fields of varyBy are in the key, and no others', async () => {
  const { get, calls } = makeCached(counted, { cache: { varyBy: ['cookie.plan', 'country'] } })
  await get('/', { headers: { cookie: 'plan=a; x=1' } })
  await get('/', { headers: { cookie: 'plan=a; x=2' } })
  await get('/', { headers: { cookie: 'plan=b' } })
  expect(calls).toHaveLength(2)
})

test.each([
  ['x-http-method-override', 'DELETE'],
  ['x-original-url', '/admin'],
])('a request that says %s passes by', async (name, value) => {
  const { get, calls, outcomes } = makeCached(counted)
  await get('/', { headers: { [name]: value } })
  expect((await get()).text).toBe('answer 2')
  expect(calls).toHaveLength(2)
  expect(outcomes()).toEqual(['bypass', 'miss'])
})

test('`bypass` takes requests out, and `private: true` anonymous ones', async () => {
  const excepted = makeCached(counted, { cache: { bypass: { headers: { 'x-debug': '1' } } } })
  await excepted.get()
  expect((await excepted.get('/', { headers: { 'x-debug': '1' } })).text).toBe('answer 2')
  const owned = makeCached(counted, { cache: { private: true } })
  await owned.get()
  await owned.get()
  expect(owned.calls).toHaveLength(2)
  expect(owned.outcomes()).toEqual(['bypass', 'bypass'])
})

test('a purge ends what was stored before it, by tag, route and URL', async () => {
  const { get, purges, calls } = makeCached(
    (_call, count) =>
      new Response(`answer ${count}`, {
        headers: { 'cache-control': 'max-age=1000', 'cache-tag': 'blue, red' },
      }),
    { cache: { tags: ['path${request.path}'] } },
  )
  await get('/a')
  for (const purge of [
    { tags: ['red'] },
    { tags: ['path/a'] },
    { routes: ['all'] },
    { urls: ['http://api.example.com/a'] },
    { prefixes: ['http://api.example.com/'] },
    { all: true } as const,
  ]) {
    await purges.add(purge)
    await get('/a')
  }
  await purges.add({ tags: ['green'] })
  await get('/a')
  expect(calls).toHaveLength(7)
})

test('a purge of a URL, and a change, also end what is asked for with noise in the query', async () => {
  const { get, ask, rest, purges } = makeCached(counted, {
    cache: { query: { sort: true, ignore: ['utm_*'] } },
  })
  await get('/a?b=1&c=2')
  await purges.add({ urls: ['http://api.example.com/a?b=1&c=2'] })
  expect((await get('/a?utm_source=x&c=2&b=1')).text).toBe('answer 2')
  await (await ask({ target: '/a?c=2&b=1&utm_source=y', method: 'DELETE' })).text()
  await rest()
  expect((await get('/a?b=1&c=2')).text).toBe('answer 4')
})

test('what Location names is ended however its path is written', async () => {
  const { get } = makeCached(({ method }, count) =>
    method === 'POST'
      ? new Response(null, { status: 201, headers: { location: '/%61b' } })
      : new Response(`answer ${count}`, { headers: { 'cache-control': 'max-age=10' } }),
  )
  await get('/ab')
  await get('/all', { method: 'POST' })
  expect((await get('/ab')).text).toBe('answer 3')
})

test('a store at fault lets the service answer, or refuses where the table says so', async () => {
  const allowing = makeCached(counted)
  allowing.answers.edge.fault = 'away'
  allowing.answers.global.fault = 'away'
  expect((await allowing.get()).text).toBe('answer 1')
  const denying = makeCached(counted, { cache: { onStoreFault: 'deny' } })
  denying.answers.edge.fault = 'away'
  denying.answers.global.fault = 'away'
  expect((await denying.get()).status).toBe(503)
  expect(denying.events[0]?.error).toBe('STORE_UNAVAILABLE')
})

test('cookies are not kept: an answer that sets them is not, unless they are stripped', async () => {
  const setting: ServiceAnswer = (_call, count) =>
    new Response(`answer ${count}`, {
      headers: { 'cache-control': 'max-age=10', 'set-cookie': `n=${count}` },
    })
  const plain = makeCached(setting)
  await plain.get()
  expect((await plain.get()).headers.get('set-cookie')).toBe('n=2')
  const stripping = makeCached(setting, { cache: { stripCookies: true } })
  await stripping.get()
  const hit = await stripping.get()
  expect(hit.text).toBe('answer 1')
  expect(hit.headers.get('set-cookie')).toBeNull()
})

test('large bodies stream, and are whole in the store', async () => {
  const chunk = new Uint8Array(65_536).fill(7)
  const { get, calls } = makeCached(() => {
    let left = 48
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        left -= 1
        if (left < 0) controller.close()
        else controller.enqueue(chunk)
      },
    })
    return new Response(body, { headers: { 'cache-control': 'max-age=10' } })
  })
  expect((await get()).text).toHaveLength(48 * 65_536)
  expect((await get()).text).toHaveLength(48 * 65_536)
  expect(calls).toHaveLength(1)
})

test('a body that breaks off is not kept', async () => {
  const { ask, rest, get, calls } = makeCached((_call, count) => {
    if (count > 1) return new Response('whole', { headers: { 'cache-control': 'max-age=10' } })
    let sent = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent) controller.error(new Error('lost'))
        else controller.enqueue(new Uint8Array(3))
        sent = true
      },
    })
    return new Response(body, { headers: { 'cache-control': 'max-age=10' } })
  })
  await expect((await ask()).text()).rejects.toThrow()
  await rest()
  expect((await get()).text).toBe('whole')
  expect(calls).toHaveLength(2)
})

test('shadow mode answers as the service does, and adds nothing', async () => {
  const { get, calls, events } = makeCached(counted, { cache: { mode: 'shadow' } })
  await get()
  const second = await get()
  expect(second.text).toBe('answer 2')
  expect(second.headers.get('cache-status')).toBeNull()
  expect(calls).toHaveLength(2)
  expect(events.map(({ policies }) => policies['cache-1'])).toEqual(['would-miss', 'would-hit'])
})

test('a hot answer is fetched anew before its end, by chance', async () => {
  const { get, clock, calls } = makeCached(counted, {
    cache: { early: 1 },
    given: { fractions: Array(40).fill(1e-9) },
  })
  await get()
  await clock.advance(9990)
  expect((await get()).text).toBe('answer 1')
  expect(calls).toHaveLength(2)
  expect((await get()).text).toBe('answer 2')
})

test('each caller has answers of its own, an authority is part of who calls, and `private: false` shares', () => {
  const key = bindKey({ use: 'cache' }, makeBindContext())
  const ask = (authority: string, subject: string) =>
    makeExchange({ identity: who(authority, subject) })
  const keys = [
    key.keyOf(ask('key', 'ann'), false),
    key.keyOf(ask('key', 'ben'), false),
    key.keyOf(ask('basic', 'ann'), false),
    key.keyOf(ask('ke', 'yann'), false),
    key.keyOf(makeExchange(), true),
  ]
  expect(new Set(keys).size).toBe(5)
  expect(key.keyOf(ask('key', 'ann'), true)).toBe(key.keyOf(ask('key', 'ben'), true))
  expect(keys.every((text) => /^[0-9a-f]{64}$/.test(text))).toBe(true)
})

function who(authority: string, subject: string) {
  const nothing = { claims: {}, roles: [], scopes: [], permissions: [], consumer: null }
  return { authority, subject, ...nothing }
}
