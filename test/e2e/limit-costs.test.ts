/** Costs that the answer states, on the real runtime: bodies are counted as they pass, cut off, and settled. */
import http from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

let gateway: Gateway
let origin: Origin
let isClosed = false

const event = (n: number) => `data: ${String(n).padStart(92, '0')}\n\n`

beforeAll(async () => {
  origin = await startOrigin(({ url = '' }, response) => {
    if (url.startsWith('/events')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      for (let n = 0; n < 30; n += 1) response.write(event(n))
      response.end()
    } else if (url === '/drip') {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
      const timer = setInterval(() => response.write('x'.repeat(100)), 10)
      response.on('close', () => {
        isClosed = true
        clearInterval(timer)
      })
    } else if (url.startsWith('/json')) {
      const body = gzipSync(JSON.stringify({ usage: { total: 7 } }))
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
        'Content-Length': body.length,
      })
      response.end(body)
    } else response.end('x'.repeat(3_000))
  })
  const day = { use: 'rate-limit', windowSeconds: 86_400, by: ['global'] }
  const byBytes = { response: { bytes: 100 }, reserve: 2 }
  const byJson = { response: { json: '/usage/total' }, reserve: 10 }
  const route = (name: string, limit: number, cost: object) => ({
    name,
    match: { path: `/${name}` },
    policies: [{ ...day, limit, cost }],
    upstream: 'origin',
  })
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        route('events', 20, byBytes),
        route('plain', 20, byBytes),
        route('head', 20, byBytes),
        route('drip', 1_000, byBytes),
        route('json', 20, byJson),
      ],
    },
  })
})

afterAll(async () => {
  await gateway.stop()
  await origin.stop()
})

test('a stream of events ends with one that says why, and nothing is left', async () => {
  const { status, body } = await ask(gateway.url, { path: '/events' })
  expect(status).toBe(200)
  expect(body.length).toBeLessThan(3_000)
  const last = body.slice(body.indexOf('event: error'))
  const problem = JSON.parse(last.slice(last.indexOf('data: ') + 6)) as object
  expect(problem).toMatchObject({ code: 'RATE_LIMITED', 'violated-policies': ['rate-limit-1'] })
})

test('a body that is cut off is seen to be broken', async () => {
  await expect(ask(gateway.url, { path: '/plain' })).rejects.toThrow()
})

test('a client that leaves in mid-stream frees the service and pays for what it got', async () => {
  await new Promise<void>((resolve, reject) => {
    const request = http.get(`${gateway.url}/drip`, { agent: false }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes < 1_000) return
        request.destroy()
        resolve()
      })
    })
    request.on('error', reject)
  })
  await until(() => isClosed || undefined)
  const { headers } = await ask(gateway.url, { path: '/drip?once' })
  const left = Number(/r=(\d+)/.exec(String(headers.ratelimit))?.[1])
  expect(left).toBeLessThanOrEqual(990)
  expect(left).toBeGreaterThan(900)
})

test('after HEAD there is no body to pay for', async () => {
  const before = await ask(gateway.url, { path: '/head', method: 'HEAD' })
  const after = await ask(gateway.url, { path: '/head', method: 'HEAD' })
  expect([before.status, after.status]).toEqual([200, 200])
  expect(after.headers.ratelimit).toBe(before.headers.ratelimit)
})

test('a compressed body states its cost and goes on whole', async () => {
  const first = await ask(gateway.url, {
    path: '/json',
    headers: { 'accept-encoding': 'identity' },
  })
  expect(first.status).toBe(200)
  // 7 and 7 of 20 are spent: the reserve of a third is not there.
  expect((await ask(gateway.url, { path: '/json' })).status).toBe(200)
  const third = await ask(gateway.url, { path: '/json' })
  expect([third.status, third.headers.ratelimit]).toEqual([429, expect.stringContaining('r=0;t=')])
})
