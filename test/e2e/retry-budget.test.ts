/** One retry budget for a fleet: eight gateways, each in its own isolate, of a service that fails every call. */
import { expect, test } from 'vitest'
import { ADVANCE, FLOOR_PER_SECOND } from '../../src/calls/retry/budget-core.ts'
import { ask } from './client.ts'
import { startGateway, startOrigin } from './harness.ts'

const SERVICES = 8
const ROUNDS = 60

test('the retries of eight gateways stay within a fifth of their requests', async () => {
  const origin = await startOrigin((_request, response) => void response.writeHead(503).end())
  const retry = { attempts: 3, backoff: { baseMs: 1 } }
  const gateway = await startGateway({
    services: SERVICES,
    routes: {
      version: 1,
      upstreams: { failing: { targets: [origin.url], retry } },
      routes: [{ name: 'failing', match: { path: '/*' }, upstream: 'failing' }],
    },
  })
  const startedAt = performance.now()
  for (let round = 0; round < ROUNDS; round += 1) {
    const replies = await Promise.all(gateway.urls.map((url) => ask(url)))
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 503))
  }
  const seconds = (performance.now() - startedAt) / 1000
  const requests = SERVICES * ROUNDS
  const retries = origin.count() - requests
  const budget = Math.max(requests / 5, FLOOR_PER_SECOND * seconds)
  expect(retries).toBeLessThanOrEqual(budget + ADVANCE * SERVICES)
  expect(retries).toBeGreaterThan(0)
})
