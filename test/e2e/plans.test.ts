/** Plans on real processes: two consumers on two plans, one with a quota of its own; usage, warnings, a restart. */
import { beforeAll, expect, test } from 'vitest'
import { ask, type Reply } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

const ADMIN_TOKEN = 'e2e-admin-token'
let origin: Origin
let gateway: Gateway

beforeAll(async () => {
  origin = await startOrigin()
  gateway = await startGateway({ routes: tableOf(origin), vars: { ADMIN_TOKEN } })
})

function tableOf({ url }: Origin) {
  const sold = [
    { use: 'api-key' },
    { use: 'rate-limit', plan: true },
    { use: 'quota', name: 'requests', plan: true, warnAt: [50, 80] },
  ]
  return {
    version: 1,
    policySets: { sold },
    plans: {
      free: {
        limits: [{ limit: 1_000, windowSeconds: 60 }],
        quotas: [{ limit: 5, per: 'month' }],
      },
      standard: {
        limits: [{ limit: 5_000, windowSeconds: 60 }],
        quotas: [{ limit: 1_000, per: 'month' }],
      },
    },
    consumers: {
      small: { plan: 'free' },
      walker: { plan: 'free' },
      large: { plan: 'standard' },
      special: { plan: 'free', quotas: [{ limit: 6, per: 'month' }] },
    },
    upstreams: { service: { targets: [url] } },
    routes: [
      { name: 'orders', match: { path: '/orders/*' }, policies: ['sold'], upstream: 'service' },
      {
        name: 'users',
        match: { path: '/users/*' },
        policies: ['sold', { use: 'quota', name: 'users-only', limit: 3, per: 'day' }],
        upstream: 'service',
      },
    ],
  }
}

async function makeKey(consumer: string, more: object = {}): Promise<string> {
  const { body } = await ask(gateway.url, {
    method: 'POST',
    path: '/_gateway/keys',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify({ consumer, ...more }),
  })
  return (JSON.parse(body) as { key: string }).key
}

function call(key: string, path = '/orders/1', from = gateway): Promise<Reply> {
  return ask(from.url, { path, headers: { 'X-API-Key': key } })
}

interface Usage {
  readonly consumer: string | null
  readonly plan: string | null
  readonly limits: readonly Record<string, unknown>[]
  readonly quotas: readonly { readonly policy: string; readonly used: number }[]
}

async function usageOf(key: string, from = gateway) {
  const reply = await call(key, '/_gateway/usage', from)
  return { status: reply.status, json: JSON.parse(reply.body) as Usage }
}

test('a quota is one for all routes that share it, and each plan has its own', async () => {
  const [small, large] = [await makeKey('small'), await makeKey('large')]
  const paths = ['/orders/1', '/users/1', '/orders/2', '/users/2', '/orders/3', '/orders/4']
  const replies: Reply[] = []
  for (const path of paths) replies.push(await call(small, path))
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
  const refused = replies.at(-1)
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({
    code: 'QUOTA_EXCEEDED',
    'violated-policies': ['requests'],
  })
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0)
  for (let count = 0; count < 6; count++) expect((await call(large)).status).toBe(200)
})

test('answers warn from the share on that is reached, and so does the event', async () => {
  const key = await makeKey('walker')
  const warnings: (string | string[] | undefined)[] = []
  for (let count = 0; count < 5; count++) {
    warnings.push((await call(key)).headers['isogate-quota-warning'])
  }
  expect(warnings).toEqual([
    undefined,
    undefined,
    '"requests";share=50',
    '"requests";share=80',
    '"requests";share=80',
  ])
  await gateway.event(
    ({ consumer, policies }) => consumer === 'walker' && policies.requests === 'passed:quota-80',
  )
})

test('a consumer with a quota of its own has it in the place of that of its plan', async () => {
  const key = await makeKey('special')
  const statuses: number[] = []
  for (let count = 0; count < 7; count++) statuses.push((await call(key)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429])
})

test('a consumer sees what it has used, and nobody else', async () => {
  const key = await makeKey('reader', { plan: 'standard', routes: ['orders'] })
  for (let count = 0; count < 3; count++) await call(key)
  const seen = await until(async () => {
    const { json } = await usageOf(key)
    return json.quotas[0]?.used === 3 ? json : undefined
  })
  expect(seen).toMatchObject({
    consumer: 'reader',
    plan: 'standard',
    limits: [{ policy: 'rate-limit-1', route: null, limit: 5_000, windowSeconds: 60 }],
    quotas: [
      { policy: 'requests', route: null, limit: 1_000, used: 3, remaining: 997, per: 'month' },
      { policy: 'users-only', route: 'users', limit: 3, used: 0, remaining: 3, per: 'day' },
    ],
  })
  const other = await usageOf(await makeKey('somebody', { plan: 'standard' }))
  expect(other.json).toMatchObject({ consumer: 'somebody', quotas: [{ used: 0 }, { used: 0 }] })
})

test('without a good credential nobody learns of usage', async () => {
  const path = '/_gateway/usage'
  const none = await ask(gateway.url, { path })
  expect([none.status, JSON.parse(none.body).code]).toEqual([401, 'CREDENTIALS_MISSING'])
  expect(none.headers['www-authenticate']).toBe('ApiKey realm="api"')
  expect((await call('x', path)).status).toBe(401)
  const named = await ask(gateway.url, { path: `${path}?consumer=small` })
  expect(named.status).toBe(401)
  const admin = { authorization: `Bearer ${ADMIN_TOKEN}` }
  expect((await ask(gateway.url, { path, headers: admin })).status).toBe(401)
})

test('the operator sees the usage of any consumer', async () => {
  const key = await makeKey('watched', { plan: 'standard' })
  await call(key)
  const seen = await until(async () => {
    const { body } = await ask(gateway.url, {
      path: '/_gateway/usage?consumer=watched',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    })
    const json = JSON.parse(body) as Usage
    return json.quotas[0]?.used === 1 ? json : undefined
  })
  expect(seen).toMatchObject({ consumer: 'watched', plan: 'standard', authority: 'key' })
})

test('a spent quota stays spent when the machine starts again', async () => {
  const vars = { ADMIN_TOKEN }
  const first = await startGateway({ routes: tableOf(origin), vars })
  const { body } = await ask(first.url, {
    method: 'POST',
    path: '/_gateway/keys',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify({ consumer: 'small' }),
  })
  const { key } = JSON.parse(body) as { key: string }
  for (let count = 0; count < 5; count++) {
    expect((await call(key, '/orders/1', first)).status).toBe(200)
  }
  await first.stop()
  const second = await startGateway({ routes: tableOf(origin), vars, state: first.state })
  expect((await call(key, '/orders/1', second)).status).toBe(429)
  const { json } = await usageOf(key, second)
  expect(json.quotas[0]).toMatchObject({ policy: 'requests', used: 5, remaining: 0 })
})
