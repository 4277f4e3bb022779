/** API keys over real processes: made, used, rotated and revoked; what the service sees of them; and floods. */
import { beforeAll, expect, test } from 'vitest'
import { main } from '../../cli/main.ts'
import { composeKey } from '../../src/identity/keys/format.ts'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const ADMIN_TOKEN = 'e2e-admin-token'
let origin: Origin
let gateway: Gateway

beforeAll(async () => {
  origin = await startOrigin()
  gateway = await startGateway({
    routes: tableOf(origin),
    vars: { ADMIN_TOKEN },
  })
})

function tableOf({ url }: Origin) {
  const guard = {
    use: 'api-key',
    from: [{ header: 'X-API-Key' }, { query: 'key' }, { cookie: 'key' }],
    forward: {
      consumer: 'X-Consumer',
      plan: 'X-Plan',
      scopes: 'X-Scopes',
      '/metadata/tier': 'X-Tier',
    },
  }
  return {
    version: 1,
    defaults: {
      policies: [{ use: 'cors', origins: ['https://app.example.com'], methods: ['GET'] }],
    },
    upstreams: { service: { targets: [url] } },
    routes: [
      { name: 'orders', match: { path: '/orders/*' }, policies: [guard], upstream: 'service' },
      { name: 'users', match: { path: '/users/*' }, policies: [guard], upstream: 'service' },
      {
        name: 'catalog',
        match: { path: '/catalog' },
        policies: [{ ...guard, optional: true }],
        upstream: 'service',
      },
    ],
  }
}

async function admin(method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const reply = await ask(gateway.url, { method, path: `/_gateway/keys${path}`, headers, ...sent })
  return { status: reply.status, json: JSON.parse(reply.body) as Record<string, string> }
}

async function createKey(body: object = {}) {
  const { json } = await admin('POST', '', { consumer: 'shop', ...body })
  return { key: json.key!, id: json.id! }
}

async function statusOf(key: string, path = '/orders/1'): Promise<number> {
  return (await ask(gateway.url, { path, headers: { 'X-API-Key': key } })).status
}

test('a key is made, used, rotated with a grace, and revoked', async () => {
  const old = await createKey()
  expect(await statusOf(old.key)).toBe(200)

  const { status, json } = await admin('POST', `/${old.id}/rotate`, { graceSeconds: 3_600 })
  expect(status).toBe(201)
  const next = { key: json.key!, id: json.id! }
  expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([200, 200])

  expect((await admin('DELETE', `/${old.id}`)).status).toBe(200)
  expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([401, 200])
  expect((await admin('DELETE', `/${next.id}`)).status).toBe(200)
  expect([await statusOf(old.key), await statusOf(next.key)]).toEqual([401, 401])
})

test('the service learns who is calling, sees no key, and nobody else can say it', async () => {
  const { key } = await createKey({ plan: 'gold', scopes: ['a', 'b'], metadata: { tier: 'x' } })
  const forged = {
    'X-Consumer': 'admin',
    'x-consumer': 'admin',
    X_Tier: 'forged',
    'X-Tier': 'forged',
  }
  await ask(gateway.url, {
    path: `/orders/1?a=1&key=${key}`,
    headers: { ...forged, 'X-API-Key': key, Cookie: `a=1; key=${key}` },
  })
  const { url, headers, rawHeaders } = origin.last()
  expect(url).toBe('/orders/1?a=1')
  expect(headers).toMatchObject({
    'x-consumer': 'shop',
    'x-plan': 'gold',
    'x-scopes': 'a,b',
    'x-tier': 'x',
    cookie: 'a=1',
  })
  expect(rawHeaders.join('\n')).not.toMatch(/isg_|admin|forged/)
  // An anonymous caller cannot say it either.
  await ask(gateway.url, { path: '/catalog', headers: forged })
  expect(origin.last().rawHeaders.join('\n')).not.toMatch(/admin|forged/)
})

test('every bad key is answered the same, byte by byte but for the request id', async () => {
  const narrow = await createKey({ routes: ['users'] })
  const revoked = await createKey()
  await admin('DELETE', `/${revoked.id}`)
  const bad = [
    'x',
    composeKey('live', '0'.repeat(27)),
    narrow.key,
    revoked.key,
    `${narrow.key.slice(0, -1)}${narrow.key.endsWith('0') ? '1' : '0'}`,
  ]
  const before = origin.count()
  const replies = await Promise.all(
    bad.map((key) => ask(gateway.url, { path: '/orders/1', headers: { 'X-API-Key': key } })),
  )
  const bodies = replies.map(({ body }) => body.replace(/"instance":"[^"]+"/, ''))
  expect(new Set(bodies).size).toBe(1)
  expect(JSON.parse(replies[0]!.body)).toMatchObject({ code: 'CREDENTIALS_INVALID', status: 401 })
  expect(new Set(replies.map(({ headers }) => headers['www-authenticate']))).toEqual(
    new Set(['ApiKey realm="api"']),
  )
  const reasons = await Promise.all(
    replies.map(({ body }) => {
      const { instance } = JSON.parse(body) as { instance: string }
      return gateway.event(({ request }) => request === instance)
    }),
  )
  expect(reasons.map(({ policies }) => policies['api-key-1'])).toEqual([
    'refused:key-malformed',
    'refused:key-unknown',
    'refused:key-wrong-route',
    'refused:key-revoked',
    'refused:key-malformed',
  ])
  expect(origin.count()).toBe(before)
  expect(await statusOf(narrow.key, '/users/1')).toBe(200)
})

test('without a key there is a challenge and no error, and an open route stays open', async () => {
  const { status, body } = await ask(gateway.url, { path: '/orders/1' })
  expect([status, JSON.parse(body).code]).toEqual([401, 'CREDENTIALS_MISSING'])
  expect((await ask(gateway.url, { path: '/catalog' })).status).toBe(200)
  expect(await statusOf('x', '/catalog')).toBe(401)
})

test('a preflight is never asked for a key', async () => {
  const { status } = await ask(gateway.url, {
    method: 'OPTIONS',
    path: '/orders/1',
    headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' },
  })
  expect(status).toBe(204)
})

test('a key that comes twice in a header or a query is refused', async () => {
  const { key } = await createKey()
  const header = { 'X-API-Key': [key, key] }
  expect((await ask(gateway.url, { path: '/orders/1', headers: header })).status).toBe(401)
  const path = `/orders/1?key=${key}&k%65y=${key}`
  expect((await ask(gateway.url, { path })).status).toBe(401)
})

test('neither the key nor its hash stands in an event', async () => {
  const { key } = await createKey()
  const { headers } = await ask(gateway.url, { path: `/orders/1?key=${key}` })
  expect(headers['content-type']).toContain('json')
  await gateway.event(({ consumer }) => consumer === 'shop')
  expect(gateway.output().join('\n')).not.toMatch(/isg_/)
  expect(gateway.errors().join('\n')).not.toMatch(/isg_/)
})

test('the command makes a key that works, lists it, and revokes it', async () => {
  process.env.E2E_ADMIN = ADMIN_TOKEN
  const run = async (...args: readonly string[]) => {
    let out = ''
    const stdout = { write: (text: string) => (out += text) }
    const stderr = { write: () => {} }
    const where = ['--url', gateway.url, '--token-env', 'E2E_ADMIN']
    const code = await main(['keys', ...args, ...where], { stdout, stderr })
    return { code, out }
  }
  const made = await run('create', '--consumer', 'by-hand', '--env', 'test')
  const key = made.out.trim()
  expect(await statusOf(key)).toBe(200)
  const listed = await run('list', '--consumer', 'by-hand')
  const id = /^([0-9a-f]{24}) +isg_test_/m.exec(listed.out)?.[1] ?? ''
  expect((await run('revoke', id)).code).toBe(0)
  expect(await statusOf(key)).toBe(401)
  delete process.env.E2E_ADMIN
})
