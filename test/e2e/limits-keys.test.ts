/** Who counts as one caller: keys that anyone can write, keys that are verified, and networks of addresses. */
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { admitted, type Fleet, flood, startFleet, tally, timed } from './fleet.ts'
import { startOrigin } from './harness.ts'

const ADMIN_TOKEN = 'e2e-admin-token'
const five = { limit: 5, windowSeconds: 3_600, onStoreFault: 'deny' }
let fleet: Fleet

beforeAll(async () => {
  const origin = await startOrigin((_request, response) => void response.end('ok'))
  const route = (name: string, ...policies: object[]) => ({
    name,
    match: { path: `/${name}` },
    policies,
    upstream: 'origin',
  })
  fleet = await startFleet({
    vars: { ADMIN_TOKEN },
    routes: {
      version: 1,
      clientIp: { source: 'forwarded', trustedHops: 1 },
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        route('written', { use: 'rate-limit', by: ['header.x-api-key'], ...five }),
        route('caller', { use: 'api-key' }, { use: 'rate-limit', ...five }),
        route(
          'both',
          { use: 'api-key' },
          { use: 'rate-limit', name: 'tenants', by: ['consumer', 'header.x-tenant'], ...five },
        ),
        route('address', { use: 'rate-limit', by: ['client.ip'], ...five }),
        route(
          'guarded',
          { use: 'rate-limit', name: 'address', by: ['client.ip'], ...five },
          { use: 'rate-limit', name: 'key', by: ['header.x-api-key'], ...five },
        ),
      ],
    },
  })
})

async function makeKey(consumer: string): Promise<string> {
  const { body } = await ask(fleet.url, {
    method: 'POST',
    path: '/_gateway/keys',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify({ consumer }),
  })
  return (JSON.parse(body) as { key: string }).key
}

test('keys that anyone can write share 256 objects, however many come', async () => {
  await fleet.meter({ reset: true })
  const answers = await flood(fleet.urls, {
    count: 2_000,
    parallel: 16,
    ask: (at) => ({ path: '/written', headers: { 'X-API-Key': `made-up-${at}` } }),
  })
  const { names } = await fleet.meter()
  expect(tally(answers)).toEqual({ 200: 2_000 })
  expect(new Set(names).size).toBeLessThanOrEqual(256)
  // Each of them is used: 2,000 keys leave one of 256 empty with a chance of one in a thousand.
  expect(new Set(names).size).toBeGreaterThan(200)
})

test('a limit by address beside it holds whoever writes a new key each time', async () => {
  const answers = await flood(fleet.urls, {
    count: 100,
    parallel: 16,
    ask: (at) => ({
      path: '/guarded',
      headers: { 'X-API-Key': `made-up-${at}`, 'X-Forwarded-For': '192.0.2.7' },
    }),
  })
  expect(tally(answers)).toEqual({ 200: 5, 429: 95 })
})

test('a verified caller has one bucket, whatever else it writes into its requests', async () => {
  const [first, second] = [await makeKey('mobile-app'), await makeKey('mobile-app')]
  const answers = await flood(fleet.urls, {
    count: 120,
    parallel: 16,
    ask: (at) => ({
      path: '/caller',
      headers: {
        // Two keys of one consumer are one caller.
        'X-API-Key': at % 2 === 0 ? first : second,
        'X-Forwarded-For': `198.51.100.${at}`,
        'X-Consumer': `somebody-${at}`,
        'User-Agent': `agent/${at}`,
        Authorization: `Bearer ${at}`,
        Cookie: `session=${at}`,
      },
    }),
  })
  expect(tally(answers)).toEqual({ 200: 5, 429: 115 })
})

test('what a caller writes splits its own bucket only', async () => {
  const [one, other] = [await makeKey('one'), await makeKey('other')]
  const asked = (key: string, tenant: string) => ({
    path: '/both',
    headers: { 'X-API-Key': key, 'X-Tenant': tenant },
  })
  const spent = await flood(fleet.urls, { count: 20, parallel: 4, ask: () => asked(one, 'a') })
  expect(admitted(spent).length).toBe(5)
  expect((await timed(fleet.url, asked(other, 'a'))).status).toBe(200)
  expect((await timed(fleet.url, asked(one, 'b'))).status).toBe(200)
})

test('who is not let in spends nothing, and is told 401 and not 429', async () => {
  const key = await makeKey('honest')
  const answers = await flood(fleet.urls, {
    count: 40,
    parallel: 8,
    ask: () => ({ path: '/caller', headers: { 'X-API-Key': `${key.slice(0, -2)}xx` } }),
  })
  expect(tally(answers)).toEqual({ 401: 40 })
  const honest = await flood(fleet.urls, {
    count: 8,
    parallel: 1,
    ask: () => ({ path: '/caller', headers: { 'X-API-Key': key } }),
  })
  expect(tally(honest)).toEqual({ 200: 5, 429: 3 })
})

test('all addresses of one IPv6 network are one client, and the next network is another', async () => {
  const from = (address: string) => ({
    path: '/address',
    headers: { 'X-Forwarded-For': address },
  })
  const answers = await flood(fleet.urls, {
    count: 80,
    parallel: 8,
    ask: (at) => from(`2001:db8:7:1:${at.toString(16)}::${(at * 7).toString(16)}`),
  })
  expect(tally(answers)).toEqual({ 200: 5, 429: 75 })
  const spelled = await flood(fleet.urls, {
    count: 8,
    parallel: 1,
    ask: () => from('2001:0DB8:0007:0001:0:0:0:ffff'),
  })
  expect(tally(spelled)).toEqual({ 429: 8 })
  expect((await timed(fleet.url, from('2001:db8:7:2::1'))).status).toBe(200)
})

test('an IPv4 address is the same client where it comes mapped into IPv6', async () => {
  const from = (address: string) => ({
    path: '/address',
    headers: { 'X-Forwarded-For': address },
  })
  const answers = await flood(fleet.urls, {
    count: 24,
    parallel: 4,
    ask: (at) => from(['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109'][at % 3]!),
  })
  expect(tally(answers)).toEqual({ 200: 5, 429: 19 })
})

test('a refused address is told when to come back, and which limit refused it', async () => {
  const question = { path: '/address', headers: { 'X-Forwarded-For': '203.0.113.50' } }
  const answers = await flood([fleet.url], { count: 6, parallel: 1, ask: () => question })
  const refused = answers.at(-1)!
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(700)
  expect(JSON.parse(refused.body)).toMatchObject({
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    code: 'RATE_LIMITED',
    'violated-policies': ['rate-limit-1'],
  })
})
