/** Slots of an upstream over eight isolates and one object: what the service sees at once. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, startGateway, startOrigin, until } from './harness.ts'

const LIMIT = 5
const MANY = 64 // Eight slots for each of eight isolates: enough that they have them in blocks.
const SERVICES = 8

let gateway: Gateway
let running = 0
let most = 0

beforeAll(async () => {
  const origin = await startOrigin(async (request, response) => {
    running += 1
    most = Math.max(most, running)
    response.on('close', () => {
      running -= 1
    })
    if (request.url === '/hangs') return
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    // The header fields are out long before the body has ended.
    response.write('first ')
    await new Promise((resolve) => setTimeout(resolve, 20))
    response.end('last')
  })
  const targets = [origin.url]
  gateway = await startGateway({
    services: SERVICES,
    routes: {
      version: 1,
      upstreams: {
        few: { targets, maxConcurrent: LIMIT },
        many: { targets, maxConcurrent: { limit: MANY, onStoreFault: 'deny' } },
        slow: { targets, maxConcurrent: 1, timeoutMs: 300 },
      },
      routes: [
        { name: 'few', match: { path: '/few' }, upstream: 'few' },
        { name: 'many', match: { path: '/many' }, upstream: 'many' },
        {
          name: 'slow',
          match: { path: '/slow' },
          upstream: 'slow',
          policies: [{ use: 'rewrite', path: '/hangs' }],
        },
      ],
    },
  })
})

beforeEach(async () => {
  await until(() => running === 0 || undefined)
  most = 0
})

/** As many clients at each isolate, that ask again and again. */
async function flood(path: string, { clients, rounds }: { clients: number; rounds: number }) {
  const replies: { readonly status: number; readonly body: string }[] = []
  async function client(url: string): Promise<void> {
    for (let round = 0; round < rounds; round += 1) replies.push(await ask(url, { path }))
  }
  await Promise.all(
    gateway.urls.flatMap((url) => Array.from({ length: clients }, () => client(url))),
  )
  return replies
}

test('never more than the limit reach the service at once, from eight isolates together', async () => {
  const replies = await flood('/few', { clients: 4, rounds: 15 })
  expect(most).toBeLessThanOrEqual(LIMIT)
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 503]))
  const served = replies.filter(({ status }) => status === 200)
  expect(served.every(({ body }) => body === 'first last')).toBe(true)
  // Slots come back: more were served than there are.
  expect(served.length).toBeGreaterThan(2 * LIMIT)
})

test('a refused call is told so at once, in a problem', async () => {
  const replies = await Promise.all(
    Array.from({ length: 40 }, () => ask(gateway.url, { path: '/few' })),
  )
  const refused = replies.filter(({ status }) => status === 503)
  expect(refused.length).toBeGreaterThan(0)
  for (const { body, headers } of refused) {
    expect(JSON.parse(body)).toMatchObject({ code: 'UPSTREAM_FULL', route: 'few' })
    expect(headers['retry-after']).toBe('1')
  }
})

test('slots in blocks are not more than there are either', async () => {
  const replies = await flood('/many', { clients: 12, rounds: 10 })
  expect(most).toBeLessThanOrEqual(MANY)
  expect(most).toBeGreaterThan(LIMIT)
  expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThan(MANY)
})

test('a call whose time ran out has its slot free for the next', async () => {
  const first = await ask(gateway.url, { path: '/slow' })
  expect(first.status).toBe(504)
  // The service hears a little later than the client that nobody waits.
  await until(() => running === 0 || undefined)
  const next = await until(async () => {
    const reply = await ask(gateway.urls[1]!, { path: '/slow' })
    return reply.status === 504 ? reply : undefined
  })
  expect(JSON.parse(next.body)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(most).toBe(1)
})
