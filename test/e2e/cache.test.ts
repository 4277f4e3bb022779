/** The cache against a service that the test scripts: what it must or must not see again, and who gets whose answer. */
import { beforeAll, expect, test } from 'vitest'
import { type ScriptedOrigin, startScripted } from './cache-origin.ts'
import { type Ask, ask, type Reply } from './client.ts'
import { type Gateway, startGateway, until } from './harness.ts'

let origin: ScriptedOrigin
let dying: ScriptedOrigin
let gateway: Gateway

beforeAll(async () => {
  origin = await startScripted()
  dying = await startScripted()
  const route = (name: string, policies: readonly object[], upstream = 'origin') => ({
    name,
    match: { path: `/${name}/*` },
    policies,
    upstream,
  })
  const cache = { use: 'cache', early: 0 }
  const users = { ada: { password: { secret: 'ADA' } }, bob: { password: { secret: 'BOB' } } }
  const basic = { use: 'basic-auth', users }
  gateway = await startGateway({
    vars: { ADA: 'a', BOB: 'b' },
    routes: {
      version: 1,
      upstreams: {
        origin: { targets: [origin.url] },
        dying: {
          targets: [dying.url],
          breaker: { consecutiveFailures: 2, openSeconds: 60, minimumRequests: 1_000 },
        },
      },
      routes: [
        route('open', [cache]),
        route('other', [cache, { use: 'rewrite', replacePrefix: { from: '/other', to: '/open' } }]),
        route('known', [basic, cache]),
        route('shared', [basic, { ...cache, private: false }]),
        route('shaped', [cache, { use: 'request-headers', set: { 'X-Team': '${header.x-team}' } }]),
        route('cookies', [{ ...cache, stripCookies: true }]),
        route('dying', [{ ...cache, staleIfErrorSeconds: 60 }], 'dying'),
      ],
    },
  })
})

const fresh = { 'Cache-Control': 'max-age=600' }
const get = (path: string, headers: Ask['headers'] = {}, parts: Ask = {}): Promise<Reply> =>
  ask(gateway.url, { path, headers: { Host: 'shop.example.com', ...headers }, ...parts })
const as = (name: string, password: string) => ({
  Authorization: `Basic ${btoa(`${name}:${password}`)}`,
})
/** RFC 9211: what the cache says it did. */
const cacheOf = ({ headers }: Reply) => String(headers['cache-status'])

/** Asks twice, and tells whether the second had the answer of the first. */
async function isShared(path: string, one: Ask['headers'], other: Ask['headers'], to = path) {
  const first = await get(path, one)
  const second = await get(to, other)
  expect([first.status, second.status]).toEqual([200, 200])
  return second.body === first.body
}

test('a second request is answered here, with its age, and says so', async () => {
  origin.script('/open/a', { headers: { ...fresh, ETag: '"1"' } })
  const first = await get('/open/a')
  const second = await get('/open/a')
  expect(second.body).toBe(first.body)
  expect(second.headers.age).toMatch(/^\d+$/)
  expect([cacheOf(first), cacheOf(second)]).toEqual([
    expect.stringMatching(/fwd=uri-miss/),
    expect.stringMatching(/; *hit/),
  ])
  expect(origin.countOf('/open/a')).toBe(1)
})

test('a client that has the answer hears that it is unchanged', async () => {
  origin.script('/open/etag', { headers: { ...fresh, ETag: '"1"' } })
  await get('/open/etag')
  const again = await get('/open/etag', { 'If-None-Match': '"1"' })
  expect([again.status, again.body]).toEqual([304, ''])
})

test.each([
  ['no-store', { 'Cache-Control': 'no-store' }],
  ['private', { 'Cache-Control': 'private, max-age=600' }],
  ['a cookie', { ...fresh, 'Set-Cookie': 'sid=1' }],
  ['Vary: *', { ...fresh, Vary: '*' }],
])('an answer with %s is nobody else’s', async (name, headers) => {
  const path = `/open/own-${encodeURIComponent(name)}`
  origin.script(path, { headers })
  expect(await isShared(path, {}, {})).toBe(false)
})

test('with stripCookies an answer is kept without its cookies', async () => {
  origin.script('/cookies/a', { headers: { ...fresh, 'Set-Cookie': 'sid=1' } })
  const first = await get('/cookies/a')
  const second = await get('/cookies/a')
  expect(second.body).toBe(first.body)
  expect(second.headers['set-cookie']).toBeUndefined()
})

test('T12: a request of another host has no answer of another', async () => {
  origin.script('/open/host', { headers: fresh })
  const [one, other] = [{ Host: 'a.example.com' }, { Host: 'b.example.com' }]
  expect(await isShared('/open/host', one, other)).toBe(false)
})

test('T12: what a request with Authorization got is no other’s', async () => {
  origin.script('/open/authorized', { headers: fresh })
  expect(await isShared('/open/authorized', { Authorization: 'Bearer x' }, {})).toBe(false)
})

test('T12: each variant that Vary names is its own', async () => {
  origin.script('/open/vary', (_, request) => ({
    headers: { ...fresh, Vary: 'Accept-Language' },
    body: `in ${request.headers['accept-language']}`,
  }))
  const bodies = []
  for (const language of ['en', 'de', 'en', 'de']) {
    bodies.push((await get('/open/vary', { 'Accept-Language': language })).body)
  }
  expect(bodies).toEqual(['in en', 'in de', 'in en', 'in de'])
  expect(origin.countOf('/open/vary')).toBe(2)
})

test('T12: another method is answered by the service', async () => {
  origin.script('/open/method', { headers: fresh })
  const first = await get('/open/method')
  expect((await get('/open/method', {}, { method: 'OPTIONS' })).body).not.toBe(first.body)
  expect((await get('/open/method')).body).toBe(first.body)
})

test.each([
  ['/open/t/a%3Ab?c', '/open/t/a?b:c'],
  ['/open/t/a?b=c%26d', '/open/t/a?b=c&d'],
  ['/open/t/1:2', '/open/t/1%3A2/'],
  ['/open/t/x?y', '/open/t/x%3Fy'],
])('T12: %s and %s join to no common key', async (one, other) => {
  for (const path of [one, other]) {
    origin.script(path.split('?', 1)[0]!, (_, { url }) => ({ headers: fresh, body: `of ${url}` }))
  }
  const bodies = [(await get(one)).body, (await get(other)).body]
  expect(bodies[0]).toMatch(/^of /)
  expect(bodies[1]).not.toBe(bodies[0])
})

test('two routes to one address of the service keep apart', async () => {
  origin.script('/open/route', { headers: fresh })
  expect(await isShared('/open/route', {}, {}, '/other/route')).toBe(false)
})

test('two callers have answers of their own, and each has it again', async () => {
  origin.script('/known/a', { headers: fresh })
  const [ada, bob] = [await get('/known/a', as('ada', 'a')), await get('/known/a', as('bob', 'b'))]
  expect(bob.body).not.toBe(ada.body)
  expect((await get('/known/a', as('ada', 'a'))).body).toBe(ada.body)
  expect((await get('/known/a')).status).toBe(401)
})

test('a table that says so shares an answer among its callers', async () => {
  origin.script('/shared/a', { headers: { 'Cache-Control': 'public, max-age=600' } })
  expect(await isShared('/shared/a', as('ada', 'a'), as('bob', 'b'))).toBe(true)
  expect((await get('/shared/a')).status).toBe(401)
})

test('a field that shaping puts into the request is in the key', async () => {
  origin.script('/shaped/a', (_, request) => ({
    headers: fresh,
    body: `for ${request.headers['x-team']}`,
  }))
  expect((await get('/shaped/a', { 'X-Team': 'red' })).body).toBe('for red')
  expect((await get('/shaped/a', { 'X-Team': 'blue' })).body).toBe('for blue')
  expect((await get('/shaped/a', { 'X-Team': 'red' })).body).toBe('for red')
  expect(origin.countOf('/shaped/a')).toBe(2)
})

/** Fields that frameworks read though no key has them. */
const poison: readonly (readonly [string, string])[] = [
  ['X-Forwarded-Host', 'evil.example'],
  ['X-Forwarded-Scheme', 'evil'],
  ['X-Forwarded-Proto', 'evil'],
  ['X-Forwarded-Port', '6666'],
  ['X-Host', 'evil.example'],
  ['X-Forwarded-Server', 'evil.example'],
  ['Forwarded', 'host=evil.example'],
  ['X-Original-Host', 'evil.example'],
  ['X-Original-URL', '/evil'],
  ['X-Rewrite-URL', '/evil'],
  ['X-HTTP-Method-Override', 'POST'],
  ['X-HTTP-Method', 'DELETE'],
  ['X-Method-Override', 'PUT'],
]

test.each(poison)('what %s makes of an answer reaches nobody else', async (name, value) => {
  const path = `/open/poison-${name.toLowerCase()}`
  origin.script(path, (_, request) => ({
    headers: fresh,
    body: JSON.stringify(
      ['x-forwarded-host', 'forwarded', name.toLowerCase()].map((field) => request.headers[field]),
    ),
  }))
  const poisoned = await get(path, { [name]: value })
  expect(poisoned.status).toBe(200)
  const clean = await get(path)
  expect(clean.body).not.toContain('evil')
  if (poisoned.body.includes(value)) expect(clean.body).not.toBe(poisoned.body)
})

test('the body of a GET reaches neither the service nor an answer that is kept', async () => {
  origin.script('/open/fat', { headers: fresh })
  const fat = await get('/open/fat', { 'Content-Type': 'text/plain' }, { body: 'x=evil' })
  expect([fat.status, origin.last().bytes]).toEqual([200, 0])
  expect((await get('/open/fat')).body).toBe(fat.body)
})

test.each([['/open/account/x.css'], ['/open/account%2Fx.css'], ['/open/account;x.css']])(
  'a page that a service shows under %s is kept only if it says so',
  async (path) => {
    // Cache deception: the suffix of a path says nothing of how long an answer lives.
    origin.script(path, { headers: { 'Content-Type': 'text/html' } })
    expect(await isShared(path, { Cookie: 'sid=ada' }, {})).toBe(false)
  },
)

test('problems of the gateway are kept nowhere', async () => {
  origin.script('/open/reset', (count) =>
    count === 1 ? { broken: 'at-once' } : { headers: fresh, body: 'well' },
  )
  const failed = await get('/open/reset')
  expect([failed.status, failed.headers['cache-control']]).toEqual([502, 'no-store'])
  expect((await get('/open/reset')).body).toBe('well')
})

test('a stale answer is used while a new one is fetched behind it', async () => {
  origin.script('/open/swr', {
    headers: { 'Cache-Control': 'max-age=1, stale-while-revalidate=60' },
    waitMs: 300,
  })
  const first = await get('/open/swr')
  // Fresh for a second at most; then the first stale answer comes at once, and brings the next.
  const stale = await until(async () => {
    const reply = await get('/open/swr')
    return origin.countOf('/open/swr') > 1 ? reply : undefined
  })
  expect(stale.body).toBe(first.body)
  await until(async () => (await get('/open/swr')).body !== first.body || undefined)
})

test('a service that is gone is stood in for, by a stale answer, also behind an open breaker', async () => {
  dying.script('/dying/a', { headers: { 'Cache-Control': 'max-age=1' }, body: 'alive' })
  await get('/dying/a')
  await dying.stop()
  await until(async () => Number((await get('/dying/a')).headers.age) >= 2 || undefined)
  const statuses = new Set<string>()
  for (let at = 0; at < 10; at += 1) {
    const reply = await get('/dying/a')
    statuses.add(`${reply.status} ${reply.body}`)
  }
  expect([...statuses]).toEqual(['200 alive'])
  // What is kept nowhere shows that the breaker is open.
  expect(JSON.parse((await get('/dying/none')).body)).toMatchObject({ code: 'BREAKER_OPEN' })
})

const large = Buffer.from(Array.from({ length: 3 * 1024 * 1024 }, (_, at) => at % 251))

test('a range of an answer that is kept comes from here', async () => {
  origin.script('/open/ranges', { headers: { ...fresh, ETag: '"1"' }, body: '0123456789' })
  await get('/open/ranges')
  const part = await get('/open/ranges', { Range: 'bytes=2-4' })
  expect([part.status, part.body, part.headers['content-range']]).toEqual([
    206,
    '234',
    'bytes 2-4/10',
  ])
  expect((await get('/open/ranges', { Range: 'bytes=20-' })).status).toBe(416)
  expect(origin.countOf('/open/ranges')).toBe(1)
})

test('3 MiB stream to client and store at once, and come back whole', async () => {
  origin.script('/open/large', { headers: { ...fresh, ETag: '"1"' }, body: large })
  const read = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/open/large`, { headers })
    return Buffer.from(await response.arrayBuffer())
  }
  expect((await read()).equals(large)).toBe(true)
  await until(async () => {
    expect((await read()).equals(large)).toBe(true)
    const count = origin.countOf('/open/large')
    await read()
    return origin.countOf('/open/large') === count || undefined
  })
  const part = await read({ Range: 'bytes=1048576-1048600' })
  expect(part.equals(large.subarray(1_048_576, 1_048_601))).toBe(true)
})

test('an answer that breaks off is not kept', async () => {
  origin.script('/open/broken', (count) =>
    count === 1
      ? { headers: fresh, body: 'x'.repeat(100_000), broken: 'in-body' }
      : { headers: fresh, body: 'whole' },
  )
  await get('/open/broken').catch(() => null)
  expect((await get('/open/broken')).body).toBe('whole')
})

test('a change through the gateway makes its target anew', async () => {
  origin.script('/open/item', { headers: fresh })
  const first = await get('/open/item')
  await get('/open/item', {}, { method: 'PUT', body: 'new' })
  expect((await get('/open/item')).body).not.toBe(first.body)
})

test('the event of a request says what the cache did', async () => {
  origin.script('/open/event', { headers: fresh })
  await get('/open/event')
  await get('/open/event')
  expect((await gateway.event(({ cache }) => cache === 'miss')).route).toBe('open')
  expect((await gateway.event(({ cache }) => cache === 'hit')).route).toBe('open')
})
