/** One fetch per miss over eight gateways, each in its own isolate: bursts, leaders that fail, and purges. */
import http from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { type ScriptedOrigin, startScripted } from './cache-origin.ts'
import { ask } from './client.ts'
import { flood, SERVICES, tally } from './fleet.ts'
import { type Gateway, startGateway, until } from './harness.ts'

const TOKEN = 'an-admin-token-of-more-than-32-characters'

let origin: ScriptedOrigin
let gateway: Gateway

beforeAll(async () => {
  origin = await startScripted()
  gateway = await startGateway({
    services: SERVICES,
    log: 'off',
    vars: { ADMIN_TOKEN: TOKEN },
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        {
          name: 'cached',
          match: { path: '/*' },
          policies: [{ use: 'cache', collapseTimeoutMs: 2000, early: 0, tags: ['all-of-it'] }],
          upstream: 'origin',
        },
      ],
    },
  })
})

/** Each gateway has a port of its own, and host and port are part of the key. */
const headers = { Host: 'shop.example.com' }

const fresh = { 'Cache-Control': 'max-age=600' }
const large = Buffer.alloc(200_000, 'x')

test.each([
  ['small', 'one answer for all'],
  ['of 200 kB', large],
])('a thousand cold requests for an answer that is %s are one fetch', async (name, body) => {
  const path = `/burst-${name.length}`
  origin.script(path, { headers: fresh, body, waitMs: 300 })
  const answers = await flood(gateway.urls, {
    count: 1000,
    parallel: 250,
    ask: () => ({ path, headers }),
  })
  expect(tally(answers)).toEqual({ 200: 1000 })
  expect(answers.every((answer) => answer.body === body.toString())).toBe(true)
  expect(origin.countOf(path)).toBe(1)
})

test('of two variants that many want at once each is fetched once', async () => {
  const path = '/variants'
  origin.script(path, (count) => ({
    headers: { ...fresh, Vary: 'X-Half' },
    body: `answer ${count}`,
    waitMs: 300,
  }))
  const halves = await Promise.all(
    ['a', 'b'].map((half) =>
      flood(gateway.urls, {
        count: 200,
        parallel: 100,
        ask: () => ({ path, headers: { ...headers, 'X-Half': half } }),
      }),
    ),
  )
  const bodies = halves.map((answers) => new Set(answers.map(({ body }) => body)))
  expect(bodies.map(({ size }) => size)).toEqual([1, 1])
  expect(origin.countOf(path)).toBe(2)
})

test('an answer that may not be stored frees everybody at once', async () => {
  const path = '/uncacheable'
  origin.script(path, { headers: { 'Cache-Control': 'no-store' }, waitMs: 100 })
  const started = performance.now()
  const answers = await flood(gateway.urls, {
    count: 64,
    parallel: 64,
    ask: () => ({ path, headers }),
  })
  expect(tally(answers)).toEqual({ 200: 64 })
  expect(new Set(answers.map(({ body }) => body)).size).toBe(64)
  // Far less than the two seconds for which a request waits for another.
  expect(performance.now() - started).toBeLessThan(1_900)
})

test.each([
  ['fails', { broken: 'at-once' as const }],
  ['breaks off', { broken: 'in-body' as const, headers: fresh }],
])('a leader whose fetch %s leaves the others with answers of their own', async (_, failing) => {
  const path = `/leader-${failing.broken}`
  origin.script(path, (count) =>
    count === 1 ? { ...failing, waitMs: 200 } : { headers: fresh, body: 'whole', waitMs: 20 },
  )
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, at) =>
      ask(gateway.urls[at % SERVICES]!, { path, headers }).catch(() => null),
    ),
  )
  const whole = answers.filter((answer) => answer?.body === 'whole')
  expect(whole.length).toBeGreaterThanOrEqual(39)
  expect((await ask(gateway.url, { path, headers })).body).toBe('whole')
})

test('a leader whose fetch hangs is waited for no longer than the table says', async () => {
  const path = '/hanging'
  origin.script(path, (count) =>
    count === 1 ? { waitMs: 8_000, headers: fresh } : { headers: fresh, body: 'prompt' },
  )
  const hanging = leave(gateway.urls[0]!, path)
  await until(() => origin.countOf(path) > 0 || undefined)
  const started = performance.now()
  const other = await ask(gateway.urls[1]!, { path, headers })
  expect(other.body).toBe('prompt')
  expect(performance.now() - started).toBeLessThan(4_500)
  hanging.destroy()
})

test('a leader whose client leaves leaves the others with an answer', async () => {
  const path = '/left'
  origin.script(path, (count) => ({
    waitMs: count === 1 ? 1_000 : 0,
    headers: fresh,
    body: 'here',
  }))
  const left = leave(gateway.urls[0]!, path)
  await until(() => origin.countOf(path) > 0 || undefined)
  const others = Promise.all(gateway.urls.map((url) => ask(url, { path, headers })))
  left.destroy()
  expect((await others).map(({ body }) => body)).toEqual(Array(SERVICES).fill('here'))
})

/** A request that can be given up. */
function leave(url: string, path: string): http.ClientRequest {
  const { hostname, port } = new URL(url)
  const request = http.get({ hostname, port, path, headers, agent: false })
  request.on('error', () => {})
  return request
}

test.each<[string, (path: string) => object]>([
  ['URL', (path) => ({ urls: [`http://shop.example.com${path}`] })],
  ['prefix', (path) => ({ prefixes: [`http://shop.example.com${path.slice(0, -1)}`] })],
  ['tag', (path) => ({ tags: [`tag${path.slice(1)}`] })],
  ['route', () => ({ routes: ['cached'] })],
  ['everything', () => ({ all: true })],
])('a purge by %s is in force on every gateway within a second', async (name, purge) => {
  const path = `/purged-${name.toLowerCase()}`
  origin.script(path, { headers: { ...fresh, 'Cache-Tag': `tag${path.slice(1)}` } })
  const get = (url: string) => ask(url, { path, headers })
  const first = await get(gateway.url)
  for (const url of gateway.urls) expect((await get(url)).body).toBe(first.body)
  const response = await fetch(`${gateway.url}/_gateway/purge`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(purge(path)),
  })
  expect(response.status).toBe(200)
  const purgedAt = performance.now()
  await until(async () => {
    const bodies = await Promise.all(gateway.urls.map(async (url) => (await get(url)).body))
    return bodies.every((body) => body !== first.body) || undefined
  })
  // A second, and what eight looks at a time take on a busy machine.
  expect(performance.now() - purgedAt).toBeLessThan(2_000)
})
