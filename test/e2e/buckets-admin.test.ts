/** Buckets in an operator's hands, on several gateways over one object service: look, reset, top up, and top keys. */
import { beforeAll, expect, test } from 'vitest'
import { ask, type Reply } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

const ADMIN_TOKEN = 'e2e-admin-token'
const authorization = `Bearer ${ADMIN_TOKEN}`

let origin: Origin
let gateway: Gateway

beforeAll(async () => {
  origin = await startOrigin()
  const route = (name: string, policy: object) => ({
    name,
    match: { path: `/${name}/*` },
    policies: [policy],
    upstream: 'service',
  })
  gateway = await startGateway({
    // The fifth is for the last test alone: no operator asks it.
    services: 5,
    vars: { ADMIN_TOKEN },
    routes: {
      version: 1,
      upstreams: { service: { targets: [origin.url] } },
      routes: [
        // With so few tokens there are no leases: each is asked for.
        route('few', { use: 'quota', limit: 5, per: 'month', by: ['header.x-tenant'] }),
        route('many', {
          use: 'rate-limit',
          limit: 100,
          windowSeconds: 3_600,
          by: ['header.x-tenant'],
        }),
        route('keys', {
          use: 'rate-limit',
          limit: 1_000,
          windowSeconds: 3_600,
          by: ['header.x-tenant'],
        }),
        {
          ...route('signed-in', { use: 'rate-limit', limit: 2, windowSeconds: 3_600 }),
          policies: [{ use: 'api-key' }, { use: 'rate-limit', limit: 2, windowSeconds: 3_600 }],
        },
      ],
    },
  })
})

function call(path: string, tenant: string, service = 0): Promise<Reply> {
  return ask(gateway.urls[service] ?? '', { path, headers: { 'X-Tenant': tenant } })
}

/** The statuses of so many requests, by turns to each gateway. */
async function spend(path: string, tenant: string, count: number): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) {
    statuses.push((await call(path, tenant, index % 4)).status)
  }
  return statuses
}

interface Shown {
  readonly buckets: readonly {
    readonly available: number
    readonly outstanding: number
    readonly isolates: number
  }[]
}

async function operate(path: string, body?: object, service = 0) {
  const reply = await ask(gateway.urls[service] ?? '', {
    method: body === undefined ? 'GET' : 'POST',
    path: `/_gateway/buckets${path}`,
    headers: { authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: reply.status, json: JSON.parse(reply.body) }
}

const change = (policy: string, key: string, what: object) =>
  operate('', { policy, key: [key], ...what })

const few = 'route:few/quota-1'
const many = 'route:many/rate-limit-1'

test('without the token nobody sees a bucket or changes one', async () => {
  const path = `/_gateway/buckets?policy=${few}&key=a`
  expect((await ask(gateway.url, { path })).status).toBe(401)
  const body = JSON.stringify({ policy: few, key: ['a'], reset: true })
  expect((await ask(gateway.url, { method: 'POST', path: '/_gateway/buckets', body })).status).toBe(
    401,
  )
})

test('a spent quota that is reset is whole again in all gateways that had not refused it', async () => {
  expect(await spend('/few/1', 'reset', 6)).toEqual([200, 200, 200, 200, 200, 429])
  const looked = await operate(`?policy=${few}&key=reset`)
  expect(looked).toMatchObject({
    status: 200,
    json: { buckets: [{ kind: 'quota', available: 0 }] },
  })
  const { json } = await change(few, 'reset', { reset: true })
  expect(json).toMatchObject({ policy: few, key: ['reset'], buckets: [{ available: 5 }] })
  // The sixth request, which was refused, came to the second gateway: it asks again when its time is over.
  for (const service of [0, 2, 3]) expect((await call('/few/1', 'reset', service)).status).toBe(200)
})

test('a top-up adds what it says, and the gateway that it was sent to asks at once', async () => {
  expect(await spend('/few/1', 'top-up', 5)).toEqual([200, 200, 200, 200, 200])
  expect((await call('/few/1', 'top-up')).status).toBe(429)
  const { json } = await change(few, 'top-up', { topUp: 2 })
  expect(json).toMatchObject({ buckets: [{ available: 2 }] })
  const statuses = []
  for (let count = 0; count < 3; count += 1) statuses.push((await call('/few/1', 'top-up')).status)
  expect(statuses).toEqual([200, 200, 429])
})

test('a reset does not take leases back, and never gives their tokens twice', async () => {
  const replies = await Promise.all(
    Array.from({ length: 150 }, (_, index) => call('/many/1', 'leased', index % 4)),
  )
  expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(100)
  const { json } = await change(many, 'leased', { reset: true })
  const [bucket] = (json as Shown).buckets
  expect((bucket?.available ?? 0) + (bucket?.outstanding ?? 0)).toBeLessThanOrEqual(100)
})

test('the bucket of a key of the API is found by the name of its consumer', async () => {
  const made = await ask(gateway.url, {
    method: 'POST',
    path: '/_gateway/keys',
    headers: { authorization },
    body: JSON.stringify({ consumer: 'shop' }),
  })
  const { key } = JSON.parse(made.body) as { key: string }
  const reply = await ask(gateway.url, { path: '/signed-in/1', headers: { 'X-API-Key': key } })
  expect(reply.status).toBe(200)
  for (const name of ['shop', 'key|shop']) {
    const policy = 'route:signed-in/rate-limit-1'
    const { json } = await operate(`?policy=${policy}&key=${encodeURIComponent(name)}`)
    expect(json).toMatchObject({ buckets: [{ limit: 2, available: 1, isolates: 1 }] })
  }
})

test('what cannot be a bucket is told at its place', async () => {
  const { status, json } = await change(few, 'a', { topUp: 0 })
  expect([status, json]).toMatchObject([
    422,
    { code: 'BUCKET_REQUEST_INVALID', problems: [{ pointer: '/topUp' }] },
  ])
  expect((await operate(`?policy=${few}`)).json).toMatchObject({ problems: [{ pointer: '/key' }] })
})

test('the list adds up the keys that all gateways met', async () => {
  for (let service = 0; service < 4; service += 1) {
    for (let count = 0; count < 3; count += 1) await call('/keys/1', 'busy', service)
    await call('/keys/1', `rare-${service}`, service)
  }
  // A gateway tells what it counted when an operator asks it; by itself it does with a request after some seconds.
  for (let service = 1; service < 4; service += 1) await operate('', undefined, service)
  const { status, json } = await operate('')
  expect(status).toBe(200)
  const listed = (json as { policies: { policy: string; top: unknown }[] }).policies
  expect(listed.find(({ policy }) => policy === 'route:keys/rate-limit-1')).toMatchObject({
    use: 'rate-limit',
    routes: ['keys'],
    key: ['header.x-tenant'],
    limits: [{ kind: 'rate', limit: 1_000, windowSeconds: 3_600, burst: 1_000 }],
    top: {
      requests: 16,
      othersAtMost: 0,
      keys: [
        { key: ['busy'], requests: 12, overcount: 0, refused: 0 },
        { key: ['rare-0'], requests: 1 },
        { key: ['rare-1'], requests: 1 },
        { key: ['rare-2'], requests: 1 },
        { key: ['rare-3'], requests: 1 },
      ],
    },
  })
})

test('a gateway tells what it counted by itself, with a request after a second', async () => {
  await call('/keys/1', 'by-itself', 4)
  const seen = await until(async () => {
    await call('/keys/1', 'by-itself', 4)
    const { json } = await operate('')
    const { policies } = json as {
      policies: { policy: string; top: { keys: { key: string[] }[] } }[]
    }
    const own = policies.find(({ policy }) => policy === 'route:keys/rate-limit-1')
    return own?.top?.keys.some(({ key }) => key[0] === 'by-itself') || undefined
  })
  expect(seen).toBe(true)
  // Nothing of a key stands in an event, but for the consumer.
  expect(gateway.output().join('\n')).not.toContain('by-itself')
})
