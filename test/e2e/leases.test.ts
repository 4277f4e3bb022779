/** What lies between a request and its bucket's object on the real runtime: shared calls, and what is deferred. */
import http from 'node:http'
import net from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway, startOrigin, until } from './harness.ts'

let gateway: Gateway
let held = 0
let closedAt: number | undefined
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

beforeAll(async () => {
  const origin = await startOrigin((request, response) => {
    if (request.url !== '/held') {
      response.end('ok')
      return
    }
    held += 1
    response.on('close', () => {
      closedAt ??= performance.now()
    })
  })
  gateway = await startGateway({
    services: 2,
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        {
          name: 'all',
          match: { path: '/*' },
          upstream: 'origin',
          policies: [
            {
              use: 'rate-limit',
              limit: 60,
              windowSeconds: 3_600,
              by: ['global'],
              onStoreFault: 'deny',
            },
          ],
        },
      ],
    },
  })
})

afterAll(() => agent.destroy())

test('a client that leaves ends the call to the service, though its isolate has tokens to give back', async () => {
  // So many at once that a lease is there, and none of them is answered: nobody watches over it yet.
  const { hostname, port } = new URL(gateway.urls[1]!)
  const sockets = Array.from({ length: 6 }, () => {
    const socket = net.connect(Number(port), hostname)
    socket.write('GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n')
    return socket
  })
  await until(() => (held === 6 ? true : undefined))
  const leftAt = performance.now()
  sockets[0]?.resetAndDestroy()
  const endedAt = await until(() => closedAt)
  for (const socket of sockets) socket.destroy()
  // A watch over idle tokens would keep the call for a second at the least.
  expect(endedAt - leftAt).toBeLessThan(900)
})

test('giving back later holds up neither the answer nor the connection', async () => {
  const startedAt = performance.now()
  const ports = new Set<number>()
  for (let count = 0; count < 10; count += 1) {
    const { status, localPort } = await kept(gateway.url)
    expect(status).toBe(200)
    ports.add(localPort)
  }
  expect(ports.size).toBe(1)
  // Ten answers: a second of sleep in one of them would show.
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

test('over two isolates no more are admitted than the bucket holds', async () => {
  const statuses: number[] = []
  for (let round = 0; round < 6; round += 1) {
    const asked = gateway.urls.flatMap((url) =>
      Array.from({ length: 10 }, () => statusOf(url, '/')),
    )
    statuses.push(...(await Promise.all(asked)))
  }
  const admitted = statuses.filter((status) => status === 200).length
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
  // Sixteen were spent before.
  expect(admitted).toBeLessThanOrEqual(60 - 16)
  expect(admitted).toBeGreaterThan(30)
})

function statusOf(url: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}${path}`, { agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject)
  })
}

function kept(url: string): Promise<{ status: number; localPort: number }> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      const localPort = response.socket.localPort ?? 0
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, localPort }))
    })
    request.on('error', reject)
  })
}
