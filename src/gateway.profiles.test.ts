import { decode } from 'cborg'
import { expect, test } from 'vitest'
import { makeAggregate } from '../test/aggregates.ts'
import { makeCached, type ServiceAnswer } from '../test/cached-gateway.ts'
import { makeGateway } from '../test/gateway.ts'

const service: ServiceAnswer = (call) => {
  const headers = {
    'cache-control': 'max-age=10',
    etag: '"v1"',
    'content-type': 'application/json',
  }
  if (call.headers['if-none-match']?.includes('"v1"')) {
    return new Response(null, { status: 304, headers })
  }
  return new Response('{"id":1,"name":"Lamp","html":"<p>…</p>"}', { headers })
}

const profiles = {
  use: 'profiles',
  by: ['header.x-client'],
  profiles: {
    mobile: { response: { omit: ['html'], fields: true } },
    device: { response: { pick: ['id'], negotiate: ['cbor', 'json'] } },
    web: {},
  },
  default: 'web',
}

const of = (client: string, more: Readonly<Record<string, string>> = {}) => ({
  headers: { 'x-client': client, ...more },
})

test('one stored answer has the shape of each profile that asks for it', async () => {
  const { get, outcomes, calls, events } = makeCached(service, { policies: [profiles] })
  expect((await get('/a', of('mobile'))).text).toBe('{"id":1,"name":"Lamp"}')
  expect((await get('/a', of('web'))).text).toContain('html')
  expect((await get('/a', of('device', { accept: 'application/json' }))).text).toBe('{"id":1}')
  const compact = await get('/a', of('device'))
  expect(compact.headers.get('content-type')).toBe('application/cbor')
  expect(compact.headers.get('vary')).toBe('x-client, Accept')
  expect([calls.length, outcomes()]).toEqual([1, ['miss', 'hit', 'hit', 'hit']])
  expect(events.map((event) => event.policies['profiles-1'])).toEqual([
    'profile:mobile',
    'profile:web',
    'profile:device',
    'profile:device',
  ])
})

test('fields choose from a stored answer, which the service gave in full', async () => {
  const { get, outcomes, calls } = makeCached(service, { policies: [profiles] })
  for (let time = 0; time < 2; time += 1) {
    expect((await get('/a?fields=name', of('mobile'))).text).toBe('{"name":"Lamp"}')
  }
  expect([outcomes(), calls.map(({ url }) => url)]).toEqual([
    ['miss', 'hit'],
    ['http://127.0.0.1:9/a'],
  ])
})

test('a copy of one profile is confirmed to that profile alone', async () => {
  const { get } = makeCached(service, { policies: [profiles] })
  const clients = ['mobile', 'web', 'device']
  const tags = new Map<string, string>()
  for (const client of clients) {
    tags.set(client, (await get('/a', of(client))).headers.get('etag') ?? '')
  }
  for (const asking of clients) {
    for (const [client, tag] of tags) {
      const got = await get('/a', of(asking, { 'if-none-match': tag }))
      expect([asking, client, got.status]).toEqual([asking, client, asking === client ? 304 : 200])
      expect(got.headers.get('etag')).toBe(tags.get(asking))
    }
  }
})

test('a copy is confirmed by the service too, where none is kept', async () => {
  const gateway = makeGateway(
    {
      version: 1,
      routes: [
        {
          name: 'r',
          match: { path: '/*' },
          policies: [profiles],
          upstream: { targets: ['http://127.0.0.1:9'] },
        },
      ],
    },
    { answer: (call) => service(call, 1) },
  )
  const first = await gateway.ask(of('mobile'))
  const etag = first.headers.get('etag') ?? ''
  const again = await gateway.ask(of('mobile', { 'if-none-match': etag }))
  expect([again.status, again.headers.get('etag')]).toEqual([304, etag])
  expect((await gateway.ask(of('device', { 'if-none-match': etag }))).status).toBe(200)
  expect(gateway.calls.map(({ headers }) => headers['if-none-match'])).toEqual([
    undefined,
    '"v1"',
    undefined,
  ])
})

test('HEAD has the fields of GET, for each profile', async () => {
  const { get } = makeCached(service, { policies: [profiles] })
  for (const client of ['mobile', 'device', 'web']) {
    const whole = await get('/a', of(client))
    const head = await get('/a', { ...of(client), method: 'HEAD' })
    for (const name of ['content-type', 'etag', 'vary']) {
      expect(head.headers.get(name)).toBe(whole.headers.get(name))
    }
    expect(head.text).toBe('')
  }
})

test('where profiles ask the service for different things, each has a stored answer, and each value has none', async () => {
  const asking = {
    ...profiles,
    profiles: { mobile: { request: { query: { set: { images: 'small' } } } }, web: {} },
  }
  const { get, calls } = makeCached(service, { policies: [asking] })
  for (const client of ['mobile', 'MOBILE', 'web', 'x1', 'x2', 'x3']) await get('/a', of(client))
  expect(calls.map(({ url }) => url)).toEqual([
    'http://127.0.0.1:9/a?images=small',
    'http://127.0.0.1:9/a',
  ])
})

test('the service is told the profile, and by no client, on no route', async () => {
  const upstream = { targets: ['http://127.0.0.1:9'] }
  const told = { ...profiles, default: undefined, header: 'X-Profile' }
  const { ask, calls } = makeGateway({
    version: 1,
    routes: [
      { name: 'told', match: { path: '/told' }, policies: [told], upstream },
      { name: 'other', match: { path: '/other' }, upstream },
    ],
  })
  const forged = { 'X-Profile': 'device', X_Profile: 'device' }
  await ask({ target: '/told', ...of('mobile', forged) })
  await ask({ target: '/told', headers: forged })
  await ask({ target: '/other', headers: forged })
  expect(calls.map(({ headers }) => headers['x-profile'])).toEqual(['mobile', undefined, undefined])
  expect(calls.map(({ headers }) => headers.x_profile)).toEqual([undefined, undefined, undefined])
})

test('who is calling is known when the profile is chosen', async () => {
  const { ask } = makeGateway(
    {
      version: 1,
      plans: { gold: {} },
      consumers: { acme: { plan: 'gold' } },
      routes: [
        {
          name: 'r',
          match: { path: '/*' },
          policies: [
            {
              use: 'profiles',
              by: ['consumer.plan', 'header.x-client'],
              profiles: { gold: { when: { consumer: { plans: ['gold'] } } }, web: {} },
              default: 'web',
              answerHeader: 'X-Profile',
            },
            {
              use: 'basic-auth',
              users: { acme: { password: { secret: 'ACME' } } },
              optional: true,
            },
          ],
          respond: { status: 200 },
        },
      ],
    },
    { secrets: { ACME: 'secret' } },
  )
  const authorization = `Basic ${btoa('acme:secret')}`
  const profileOf = async (headers: Record<string, string>) =>
    (await ask({ headers })).headers.get('x-profile')
  expect(await profileOf({ authorization })).toBe('gold')
  expect(await profileOf({ authorization, 'x-client': 'web' })).toBe('gold')
  expect(await profileOf({ 'x-client': 'gold' })).toBe('web')
})

const fields = { use: 'transform-response', fields: true }
const calls = {
  user: { upstream: 'a', path: '/user', required: true },
  orders: { upstream: 'b', path: '/orders', default: [] },
}

function makePage(policy: object, status: Readonly<Record<string, number>> = {}) {
  const { ask } = makeAggregate({
    calls,
    policies: [policy],
    answer: ({ upstream }) =>
      upstream === 'a'
        ? Response.json({ id: 7, name: 'Ada', mail: 'a@b.c' }, { status: status.a ?? 200 })
        : Response.json([{ id: 1, total: 9 }], { status: status.b ?? 200 }),
  })
  async function get(query = '', headers: Readonly<Record<string, string>> = {}) {
    const response = await ask({ target: `/page/7${query}`, headers })
    const bytes = await response.arrayBuffer()
    const text = new TextDecoder().decode(bytes)
    return { status: response.status, headers: response.headers, bytes, text }
  }
  return get
}

test('fields choose among the members of an aggregate', async () => {
  const get = makePage(fields)
  const got = await get('?fields=user.name,orders(total)')
  expect(got.text).toBe('{"user":{"name":"Ada"},"orders":[{"total":9}]}')
  expect(got.headers.get('isogate-complete')).toBe('true')
})

test('an aggregate of chosen fields is confirmed to who has it', async () => {
  const get = makePage(fields)
  const etag = (await get('?fields=user')).headers.get('etag') ?? ''
  expect(etag).toMatch(/^W\/"[^"]+;[0-9a-f]{16}w?"$/)
  const again = await get('?fields=user', { 'if-none-match': etag })
  expect([again.status, again.headers.get('etag')]).toEqual([304, etag])
})

test('a problem has all its members, whatever fields were chosen', async () => {
  const get = makePage(fields, { a: 404 })
  const got = await get('?fields=user')
  expect(got.status).toBe(404)
  expect(JSON.parse(got.text)).toMatchObject({ code: 'CALL_NOT_FOUND', call: 'user', status: 404 })
})

test('a partial aggregate tells its errors in full, whatever fields were chosen', async () => {
  const get = makePage(fields, { b: 500 })
  for (const query of ['?fields=orders', '?fields=orders,errors(call)']) {
    const got = await get(query)
    expect(JSON.parse(got.text)).toEqual({
      orders: [],
      errors: [expect.objectContaining({ call: 'orders', status: 500 })],
    })
    expect(got.headers.get('isogate-complete')).toBe('false')
  }
})

test('a profile gives an aggregate another shape and form', async () => {
  const iot = { response: { json: '{ "n": $count(orders) }', negotiate: ['cbor', 'json'] } }
  const { headers, bytes } = await makePage({ ...profiles, profiles: { iot }, default: 'iot' })()
  expect(headers.get('content-type')).toBe('application/cbor')
  expect(decode(new Uint8Array(bytes))).toEqual({ n: 1 })
})
