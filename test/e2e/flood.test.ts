/** The flood guard on a real process: who floods is refused before anything is asked, and nobody else notices. */
import { beforeAll, expect, test } from 'vitest'
import { ask, type Reply } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

const LIMIT = 20
// So slow that no token comes back while a test runs.
const guard = { use: 'flood-guard', limit: LIMIT, windowSeconds: 3_600 }

let origin: Origin
let gateway: Gateway

beforeAll(async () => {
  origin = await startOrigin()
  gateway = await startGateway({
    routes: {
      version: 1,
      // The tests say where they come from, as a proxy in front would.
      clientIp: { source: 'forwarded', trustedHops: 1 },
      defaults: { policies: [guard] },
      upstreams: { service: { targets: [origin.url] } },
      routes: [
        { name: 'plain', match: { path: '/plain/*' }, upstream: 'service' },
        {
          name: 'browser',
          match: { path: '/browser', methods: ['POST'] },
          policies: [{ use: 'cors', origins: ['https://app.example.com'] }],
          upstream: 'service',
        },
        {
          name: 'signed-in',
          match: { path: '/signed-in' },
          policies: [{ use: 'api-key' }],
          upstream: 'service',
        },
        {
          name: 'slow',
          match: { path: '/slow' },
          policies: [{ use: 'flood-guard', limit: 1, windowSeconds: 2 }],
          upstream: 'service',
        },
      ],
    },
  })
})

interface From {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

function askFrom(address: string, { path = '/plain/1', method = 'GET', headers = {} }: From = {}) {
  return ask(gateway.url, { path, method, headers: { 'X-Forwarded-For': address, ...headers } })
}

/** So many requests at once; how many had each status. */
async function flood(count: number, one: (index: number) => Promise<Reply>) {
  const replies = await Promise.all(Array.from({ length: count }, (_, index) => one(index)))
  const counts = new Map<number, number>()
  for (const { status } of replies) counts.set(status, (counts.get(status) ?? 0) + 1)
  return { counts: Object.fromEntries(counts), replies }
}

test('of a flood from one address the service sees what the guard lets through, and others notice nothing', async () => {
  const before = origin.count()
  const [attack, others] = await Promise.all([
    flood(200, () => askFrom('192.0.2.1')),
    flood(10, (index) => askFrom(`198.51.100.${index}`)),
  ])
  expect(attack.counts).toEqual({ 200: LIMIT, 429: 200 - LIMIT })
  expect(others.counts).toEqual({ 200: 10 })
  expect(origin.count() - before).toBe(LIMIT + 10)
  const refused = attack.replies.find(({ status }) => status === 429)
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ code: 'FLOOD_LIMITED', route: 'plain' })
  const retryAfter = Number(refused?.headers['retry-after'])
  expect(retryAfter).toBeGreaterThan(170)
  expect(retryAfter).toBeLessThanOrEqual(180)
})

test('an attacker who has a /64 has one count for all of its addresses', async () => {
  const { counts } = await flood(60, (index) => askFrom(`2001:db8:1:1::${index.toString(16)}`))
  expect(counts).toEqual({ 200: LIMIT, 429: 40 })
  expect((await askFrom('2001:db8:1:2::1')).status).toBe(200)
})

test('preflights count and are refused as all else is', async () => {
  const preflight = {
    path: '/browser',
    method: 'OPTIONS',
    headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'POST' },
  }
  const { counts } = await flood(LIMIT + 5, () => askFrom('192.0.2.3', preflight))
  expect(counts).toEqual({ 204: LIMIT, 429: 5 })
})

test('who looks for paths that are not there is refused too, and then has no route either', async () => {
  const { counts } = await flood(LIMIT + 5, (index) =>
    askFrom('192.0.2.4', { path: `/nothing/${index}` }),
  )
  expect(counts).toEqual({ 404: LIMIT, 429: 5 })
  expect((await askFrom('192.0.2.4')).status).toBe(429)
})

test('guesses at keys are refused before anybody asks who is calling', async () => {
  const guess = (index: number) =>
    askFrom('192.0.2.5', { path: '/signed-in', headers: { 'X-API-Key': `guess-${index}` } })
  const { counts } = await flood(LIMIT + 5, guess)
  expect(counts).toEqual({ 401: LIMIT, 429: 5 })
})

test('an address is admitted again when the time is over that it was told, and not earlier', async () => {
  const one = () => askFrom('192.0.2.6', { path: '/slow' })
  const startedAt = performance.now()
  expect((await one()).status).toBe(200)
  const refused = await one()
  const waitMs = Number(refused.headers['retry-after']) * 1_000
  expect([refused.status, waitMs]).toEqual([429, 2_000])
  const endsAt = performance.now() + waitMs
  let refusedAt = 0
  await until(async () => {
    const sentAt = performance.now()
    const { status } = await one()
    if (status === 429) refusedAt = sentAt
    return status === 200 || undefined
  })
  // Clocks of two processes are compared only by how far they went; whole milliseconds in each.
  expect(performance.now() - startedAt).toBeGreaterThan(1_990)
  expect(refusedAt).toBeLessThan(endsAt)
})
