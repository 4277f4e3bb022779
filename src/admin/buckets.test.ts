import { expect, test } from 'vitest'
import { makeGateway } from '../../test/gateway.ts'
import { catalogue } from '../errors/catalogue.ts'
import { makeMemories } from '../platform/memories.ts'
import { MemoryBucketObjects } from '../platform/memory/bucket-objects.ts'
import { MemoryClock } from '../platform/memory/clock.ts'
import { MemoryDocuments } from '../platform/memory/documents.ts'
import { MemoryTallies } from '../platform/memory/tallies.ts'
import { bindBuckets } from './buckets.ts'
import type { AdminCall, AdminParts } from './call.ts'

// 2026-01-02T03:04:05.000Z
const START = Date.UTC(2026, 0, 2, 3, 4, 5)

const shared = { use: 'rate-limit', name: 'shared', limit: 10, windowSeconds: 60 }
const table = {
  version: 1,
  defaults: { policies: [shared] },
  plans: { gold: { limits: [{ limit: 100, windowSeconds: 60 }] } },
  consumers: { shop: { plan: 'gold' } },
  upstreams: { service: { targets: ['http://127.0.0.1:9101'] } },
  routes: [
    { name: 'plain', match: { path: '/plain' }, upstream: 'service' },
    {
      name: 'own',
      match: { path: '/own/:id' },
      skip: ['shared'],
      policies: [
        { use: 'quota', name: 'daily', limit: 5, per: 'day', by: ['params.id', 'route'] },
        {
          use: 'rate-limit',
          name: 'windows',
          by: ['client.ip'],
          scope: 'colo',
          limits: [
            { limit: 5, windowSeconds: 60 },
            { limit: 50, windowSeconds: 3_600 },
          ],
        },
        { use: 'concurrency', name: 'slots', limit: 3, by: ['global'] },
      ],
      upstream: 'service',
    },
    {
      name: 'sold',
      match: { path: '/sold' },
      skip: ['shared'],
      policies: [
        { use: 'api-key' },
        { use: 'jwt', issuer: 'https://id.example.com', audience: 'shop', optional: true },
        { use: 'rate-limit', name: 'planned', plan: true },
      ],
      upstream: 'service',
    },
  ],
}

function setUp() {
  const clock = new MemoryClock(START)
  const objects = new MemoryBucketObjects(clock)
  const tallies = new MemoryTallies(clock)
  const memories = makeMemories()
  const documents = new MemoryDocuments(clock)
  const gateway = makeGateway(table, {
    clock,
    buckets: objects,
    ports: { tallies, memories, documents },
    // Without a body, which slots would be watched to the end of by a stream that Node does not have.
    answer: () => new Response(null),
  })
  const randomness = { hex: (bytes: number) => 'ab'.repeat(bytes), fraction: () => 0.5 }
  const ports = { clock, timers: clock, randomness, memories, tallies, documents, buckets: objects }
  const handlers = bindBuckets({ source: { plan: gateway.plan } } as unknown as AdminParts)
  async function send(query: string, body?: string) {
    const request = new Request('http://gateway.test/', {
      method: body === undefined ? 'GET' : 'POST',
      body: body ?? null,
    })
    const call = { request, received: {}, target: { query }, client: { colo: 'FRA' }, ports }
    const handler = body === undefined ? handlers.read : handlers.change
    const answer = await clock.until(Promise.resolve(handler(call as unknown as AdminCall, {})))
    if (answer instanceof Response) return { status: answer.status, json: await answer.json() }
    const { code, members = {} } = answer
    return { status: catalogue[code].status, code, json: members }
  }
  const look = (policy: string, ...key: readonly string[]) =>
    send(`?${new URLSearchParams([['policy', policy], ...key.map((one) => ['key', one])])}`)
  const change = (body: object) => send('', JSON.stringify(body))
  const ask = async (target: string, peer = '192.0.2.1') => {
    const headers = { 'CF-Connecting-IP': peer }
    return (await clock.until(gateway.ask({ target, headers, place: { colo: 'FRA' } }))).status
  }
  return { clock, objects, tallies, send, look, change, ask }
}

const daily = 'route:own/daily'
const windows = 'route:own/windows'
const anonymous = 'address|192.0.2.1'

test('the list has each limit of the table, with what a key of it is made of', async () => {
  const { send } = setUp()
  const { status, json } = await send('')
  expect(status).toBe(200)
  const one = { mode: 'enforce', scope: 'global', top: null }
  const rate = { kind: 'rate', limit: 10, windowSeconds: 60, burst: 10 }
  expect(json).toEqual({
    countedSince: '2026-01-02T03:04:05.000Z',
    policies: [
      {
        ...one,
        policy: 'defaults/shared',
        use: 'rate-limit',
        routes: ['plain'],
        key: ['consumer'],
        limits: [rate],
      },
      {
        ...one,
        policy: daily,
        use: 'quota',
        routes: ['own'],
        key: ['params.id', 'route'],
        limits: [{ kind: 'quota', limit: 5, per: 'day' }],
      },
      {
        ...one,
        policy: windows,
        use: 'rate-limit',
        routes: ['own'],
        scope: 'colo',
        key: ['client.ip'],
        limits: [
          { kind: 'rate', limit: 5, windowSeconds: 60, burst: 5 },
          { kind: 'rate', limit: 50, windowSeconds: 3_600, burst: 50 },
        ],
      },
      {
        ...one,
        policy: 'route:own/slots',
        use: 'concurrency',
        routes: ['own'],
        key: ['global'],
        limits: [{ kind: 'slots', limit: 3 }],
      },
      {
        ...one,
        policy: 'route:sold/planned',
        use: 'rate-limit',
        routes: ['sold'],
        key: ['consumer'],
        limits: null,
      },
    ],
  })
})

test('the keys that are met most come first, those of this isolate included', async () => {
  const { send, ask } = setUp()
  for (let count = 0; count < 12; count += 1) await ask('/plain')
  await ask('/plain', '2001:db8::1')
  await ask('/own/7')
  const { json } = await send('')
  const tops = (json as { policies: { policy: string; top: unknown }[] }).policies
  expect(tops.map(({ policy, top }) => [policy, top])).toMatchObject([
    [
      'defaults/shared',
      {
        requests: 13,
        othersAtMost: 0,
        keys: [
          { key: [anonymous], requests: 12, overcount: 0, refused: 2 },
          { key: ['address|2001:db8:0:0::/64'], requests: 1, overcount: 0, refused: 0 },
        ],
      },
    ],
    [daily, { requests: 1, keys: [{ key: ['7', 'own'] }] }],
    [windows, { requests: 1, keys: [{ key: ['192.0.2.1'], colo: 'FRA' }] }],
    ['route:own/slots', { requests: 1, keys: [{ key: ['global'] }] }],
    ['route:sold/planned', null],
  ])
})

test('without the tally the list is there, and no top keys', async () => {
  const { send, tallies } = setUp()
  tallies.isAway = true
  const { status, json } = await send('')
  expect([status, json]).toMatchObject([200, { countedSince: null }])
})

test('a look shows the bucket of a key as its requests left it', async () => {
  const { look, ask } = setUp()
  for (const _ of [1, 2]) await ask('/own/7')
  const { status, json } = await look(daily, '7', 'own')
  expect(status).toBe(200)
  const one = { bucket: 'daily', kind: 'quota', limit: 5, per: 'day', isolates: 1 }
  expect(json).toMatchObject({ policy: daily, key: ['7', 'own'], colo: null, buckets: [one] })
  const [bucket] = (json as { buckets: { available: number; outstanding: number }[] }).buckets
  expect((bucket?.available ?? 0) + (bucket?.outstanding ?? 0)).toBe(3)
  expect(bucket).toMatchObject({ resetsAt: '2026-01-03T00:00:00.000Z' })
  expect((await look(daily, '8', 'own')).json).toMatchObject({ buckets: [{ available: 5 }] })
})

test('a key has a bucket for each window, and one set of them for each location', async () => {
  const { look, send, ask } = setUp()
  await ask('/own/7')
  const used = (json: unknown) =>
    (json as { buckets: { bucket: string; limit: number; isolates: number }[] }).buckets.map(
      ({ bucket, limit, isolates }) => [bucket, limit, isolates],
    )
  const here = await look(windows, '192.0.2.1')
  expect(here.json).toMatchObject({ colo: 'FRA' })
  expect(used(here.json)).toEqual([
    ['windows', 5, 1],
    ['windows-2', 50, 1],
  ])
  const there = await send(`?policy=${windows}&key=192.0.2.1&colo=LHR`)
  expect(there.json).toMatchObject({ colo: 'LHR' })
  expect(used(there.json)).toEqual([
    ['windows', 5, 0],
    ['windows-2', 50, 0],
  ])
})

test('after a reset a refused key is admitted at once by this isolate', async () => {
  const { change, ask } = setUp()
  for (let count = 0; count < 5; count += 1) expect(await ask('/own/7')).toBe(200)
  expect(await ask('/own/7', '192.0.2.2')).toBe(429)
  const answer = await change({ policy: daily, key: ['7', 'own'], reset: true })
  expect(answer).toMatchObject({ status: 200, json: { buckets: [{ available: 5 }] } })
  expect(await ask('/own/7', '192.0.2.2')).toBe(200)
})

test('a top-up adds so many tokens, at most to a full bucket', async () => {
  const { change, ask } = setUp()
  const statuses = []
  for (let count = 0; count < 6; count += 1) statuses.push(await ask('/own/7', `192.0.2.${count}`))
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  const added = await change({ policy: daily, key: ['7', 'own'], topUp: 1 })
  expect(added.json).toMatchObject({ buckets: [{ available: 1 }] })
  expect([await ask('/own/7', '192.0.2.8'), await ask('/own/7', '192.0.2.9')]).toEqual([200, 429])
  const full = await change({ policy: daily, key: ['7', 'own'], topUp: 1_000 })
  expect(full.json).toMatchObject({ buckets: [{ available: 5 }] })
})

test('a change may be for one of the buckets of a key', async () => {
  const { change } = setUp()
  const body = { policy: windows, key: ['192.0.2.1'], reset: true }
  const { json } = await change({ ...body, bucket: 'windows-2' })
  expect(json).toMatchObject({ buckets: [{ bucket: 'windows-2' }] })
  expect((json as { buckets: unknown[] }).buckets).toHaveLength(1)
  expect(await change({ ...body, bucket: 'windows-3' })).toMatchObject({
    code: 'BUCKET_REQUEST_INVALID',
    json: { problems: [{ pointer: '/bucket' }] },
  })
})

test('slots are reset and not topped up', async () => {
  const { change } = setUp()
  const body = { policy: 'route:own/slots', key: ['global'] }
  expect((await change({ ...body, reset: true })).status).toBe(200)
  expect(await change({ ...body, topUp: 1 })).toMatchObject({
    status: 422,
    json: { problems: [{ pointer: '/topUp' }] },
  })
})

test.each([
  ['the name of a consumer with one authority', 'key|shop', 100],
  ['an anonymous caller, of whom no plan says anything', 'address|192.0.2.1', null],
  ['a consumer of whom several credentials may tell', 'shop', null],
  ['a consumer without a plan', 'key|nobody', null],
])('of limits by plan the key of %s', async (_, key, limit) => {
  const { look } = setUp()
  const { status, json } = await look('route:sold/planned', key)
  expect(status).toBe(limit === null ? 422 : 200)
  expect(json).toMatchObject(
    limit === null
      ? { problems: [{ pointer: '/key/0', code: 'BUCKET_KEY_INVALID' }] }
      : { buckets: [{ limit }] },
  )
})

test.each<[string, string, readonly string[], string]>([
  ['no policy', 'defaults/none', ['x'], '/policy'],
  ['a name that every object inherits', 'constructor', [], '/policy'],
  ['too few values', daily, ['7'], '/key'],
  ['too many values', 'defaults/shared', [anonymous, 'x'], '/key'],
  ['a route that does not run it', daily, ['7', 'plain'], '/key/1'],
  ['no address', windows, ['here'], '/key/0'],
  ['no caller', 'defaults/shared', ['key|'], '/key/0'],
])('%s is told at its place', async (_, policy, key, pointer) => {
  const { look, change } = setUp()
  const refused = { status: 422, code: 'BUCKET_REQUEST_INVALID', json: { problems: [{ pointer }] } }
  expect(await look(policy, ...key)).toMatchObject(refused)
  expect(await change({ policy, key, reset: true })).toMatchObject(refused)
})

test.each([
  ['', ''],
  ['{', ''],
  ['[]', ''],
  ['{"policy":"p","key":["k"]}', ''],
  ['{"policy":"p","key":["k"],"reset":true,"topUp":5}', ''],
  ['{"policy":"p","key":["k"],"reset":false}', '/reset'],
  ['{"policy":"p","key":["k"],"topUp":0}', '/topUp'],
  ['{"policy":"p","key":"k","reset":true}', '/key'],
  ['{"policy":"p","key":["k"],"reset":true,"x":1}', '/x'],
  ['{"policy":"p","policy":"q","key":["k"],"reset":true}', '/policy'],
])('the body %j is refused, and nothing is done', async (body, pointer) => {
  const { send } = setUp()
  expect(await send('', body)).toMatchObject({
    code: 'BUCKET_REQUEST_INVALID',
    json: { problems: [{ pointer }] },
  })
})

test('an object that does not answer is told of', async () => {
  const { look, change, objects } = setUp()
  objects.trouble = 'fault'
  expect((await look(daily, '7', 'own')).code).toBe('STORE_UNAVAILABLE')
  const body = { policy: daily, key: ['7', 'own'], reset: true }
  expect((await change(body)).code).toBe('STORE_UNAVAILABLE')
  objects.trouble = 'none'
  objects.delayMs = 6_000
  expect((await look(daily, '7', 'own')).code).toBe('STORE_UNAVAILABLE')
})

test('without a table there are no buckets to speak of', async () => {
  const missing = { kind: 'refused', code: 'TABLE_MISSING' }
  const handlers = bindBuckets({ source: { plan: null, missing } } as unknown as AdminParts)
  expect(await handlers.read({} as AdminCall, {})).toBe(missing)
})
