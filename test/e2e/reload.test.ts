/** The table is swapped under load: no request fails, and each is answered by one table from end to end. */
import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

let gateway: Gateway
let origin: Origin

beforeAll(async () => {
  // The service says which base path and header it was called with.
  origin = await startOrigin((request, response) => {
    response.end(`${request.url} ${request.headers['x-table']}`)
  })
  gateway = await startGateway({ routes: table(0), vars: { ADMIN_TOKEN: 'secret' }, log: 'off' })
})

afterAll(async () => {
  await gateway?.stop()
  await origin?.stop()
})

/** Route name, request header, upstream path and answer header all carry the number of the table. */
function table(number: number) {
  return {
    version: 1,
    upstreams: { [`service-${number}`]: { targets: [`${origin.url}/v${number}`] } },
    routes: [
      {
        name: `route-${number}`,
        match: { path: '/*' },
        policies: [
          { use: 'request-headers', set: { 'X-Table': `${number} \${route.name}` } },
          { use: 'response-headers', set: { 'X-Table': `${number}` } },
        ],
        upstream: `service-${number}`,
      },
    ],
  }
}

const REQUESTS = 10_000
const SWAPS = 50
const PARALLEL = 16

test('10,000 requests while the table is swapped 50 times all agree with one table', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: PARALLEL })
  const seen = new Set<string>()
  const wrong: string[] = []
  let sent = 0
  async function client(): Promise<void> {
    while (sent < REQUESTS) {
      sent += 1
      const { status, header, body } = await get(agent)
      seen.add(header)
      if (status !== 200 || body !== `/v${header}/x ${header} route-${header}`) {
        wrong.push(`${status} ${header} ${body}`)
      }
    }
  }
  async function operator(): Promise<void> {
    for (let number = 1; number <= SWAPS; number += 1) {
      const response = await fetch(`${gateway.url}/_gateway/routes`, {
        method: 'PUT',
        headers: { Authorization: 'Bearer secret', 'Content-Type': 'application/json' },
        body: JSON.stringify(table(number)),
      })
      if (response.status !== 200) wrong.push(`PUT ${number}: ${response.status}`)
      await response.body?.cancel()
      // Spreads the swaps over the load.
      while (sent < (REQUESTS / SWAPS) * number && sent < REQUESTS) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
  await Promise.all([operator(), ...Array.from({ length: PARALLEL }, client)])
  agent.destroy()
  expect(wrong).toEqual([])
  expect(seen.size).toBeGreaterThan(SWAPS / 2)
})

function get(agent: http.Agent): Promise<{ status: number; header: string; body: string }> {
  return new Promise((resolve, reject) => {
    http
      .get(`${gateway.url}/x`, { agent }, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            header: String(response.headers['x-table']),
            body,
          }),
        )
        response.on('error', reject)
      })
      .on('error', reject)
  })
}
