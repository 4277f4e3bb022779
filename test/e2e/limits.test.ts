/** Limits of a fleet: eight gateways, each in its own isolate, over one object service and real sockets. */
import { beforeAll, expect, test } from 'vitest'
import {
  admitted,
  excess,
  type Fleet,
  flood,
  floodFor,
  SERVICES,
  startFleet,
  tally,
  timed,
} from './fleet.ts'
import { startOrigin } from './harness.ts'

let fleet: Fleet

const five = { limit: 5, windowSeconds: 3_600 }
const strict = { by: ['global'], onStoreFault: 'deny' } as const

beforeAll(async () => {
  const origin = await startOrigin((_request, response) => void response.end('ok'))
  const down = await startOrigin()
  await down.stop()
  const route = (name: string, ...policies: (object | string)[]) => ({
    name,
    match: { path: `/${name}` },
    policies,
    upstream: name === 'down' ? 'down' : 'origin',
  })
  const limited = (name: string, limit: object) =>
    route(name, { use: 'rate-limit', ...strict, ...limit })
  fleet = await startFleet({
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] }, down: { targets: [down.url] } },
      policySets: {
        shared: [{ use: 'rate-limit', name: 'both', ...strict, limit: 30, windowSeconds: 3_600 }],
      },
      routes: [
        limited('five', five),
        limited('rush', five),
        limited('busy', { limit: 100, windowSeconds: 1, burst: 50 }),
        limited('smooth', { limit: 10, windowSeconds: 1, burst: 1 }),
        limited('hot', { limit: 60_000, windowSeconds: 60 }),
        limited('flooded', five),
        limited('down', five),
        limited('slow', { limit: 1, windowSeconds: 2 }),
        limited('windows', {
          limits: [
            { limit: 4, windowSeconds: 60 },
            { limit: 2, windowSeconds: 3 },
          ],
        }),
        route('narrow', 'shared', { use: 'rate-limit', name: 'own', ...strict, ...five }),
        route('wide', 'shared'),
      ],
    },
  })
})

const at = (path: string) => () => ({ path })

test('a limit of five is exact, request by request, whichever gateway is asked', async () => {
  const statuses: number[] = []
  for (let count = 0; count < 2 * SERVICES; count += 1) {
    statuses.push((await timed(fleet.urls[count % SERVICES]!, { path: '/five' })).status)
  }
  expect(statuses).toEqual([...Array(5).fill(200), ...Array(2 * SERVICES - 5).fill(429)])
})

test('of a rush on all gateways at once exactly five are admitted', async () => {
  const answers = await flood(fleet.urls, { count: 200, parallel: 64, ask: at('/rush') })
  expect(tally(answers)).toEqual({ 200: 5, 429: 195 })
})

test.each([
  ['/busy', { limit: 100, windowMs: 1_000, burst: 50 }],
  ['/smooth', { limit: 10, windowMs: 1_000, burst: 1 }],
])(
  'under load on all gateways %s stays below its bound and comes close to it',
  async (path, rate) => {
    const answers = await floodFor(fleet.urls, { ms: 4_000, parallel: 32, question: { path } })
    const seen = admitted(answers)
    expect(excess(answers, rate)).toBeLessThanOrEqual(0)
    const lastedMs = Math.max(...answers.map(({ doneAt }) => doneAt)) - answers[0]!.sentAt
    const bound = rate.burst + (rate.limit * lastedMs) / rate.windowMs
    // What an isolate gets and does not spend at once costs some of it.
    expect(seen.length).toBeGreaterThan(0.8 * bound)
    expect(Object.keys(tally(answers))).toEqual(['200', '429'])
  },
)

test('a hot key below its limit needs few calls of its object', async () => {
  // The first requests of an isolate ask one by one, until it knows how many come.
  await flood(fleet.urls, { count: 400, parallel: 16, ask: at('/hot') })
  await fleet.meter({ reset: true })
  const answers = await flood(fleet.urls, { count: 4_000, parallel: 16, ask: at('/hot') })
  const { bucketCalls } = await fleet.meter()
  expect(tally(answers)).toEqual({ 200: 4_000 })
  expect(bucketCalls / 4_000).toBeLessThan(0.05)
})

test('a flood that is refused is refused from memory', async () => {
  await flood(fleet.urls, { count: 80, parallel: 16, ask: at('/flooded') })
  await fleet.meter({ reset: true })
  const answers = await flood(fleet.urls, { count: 4_000, parallel: 16, ask: at('/flooded') })
  const { bucketCalls } = await fleet.meter()
  expect(tally(answers)).toEqual({ 429: 4_000 })
  // A refusal is remembered for fifteen seconds: a call of each isolate in that time, and one in the next.
  expect(bucketCalls).toBeLessThanOrEqual(2 * SERVICES)
})

test('what one limit refuses another has not paid for', async () => {
  const narrow = await flood(fleet.urls, { count: 80, parallel: 16, ask: at('/narrow') })
  expect(tally(narrow)).toEqual({ 200: 5, 429: 75 })
  expect(JSON.parse(narrow.at(-1)!.body)).toMatchObject({
    code: 'RATE_LIMITED',
    'violated-policies': ['own'],
  })
  // Each isolate tells of what it gives back with its next call.
  const wide = await flood(fleet.urls, { count: 60, parallel: 1, ask: at('/wide') })
  expect(tally(wide)).toEqual({ 200: 25, 429: 35 })
})

test.concurrent.each(['/slow', '/windows'])(
  'who waits as long as Retry-After says is admitted by %s',
  async (path) => {
    const url = fleet.url
    const waits: number[] = []
    for (let turn = 0; turn < 2; turn += 1) {
      let answer = await timed(url, { path })
      while (answer.status === 200) answer = await timed(url, { path })
      const seconds = Number(answer.headers['retry-after'])
      expect(Number.isInteger(seconds) && seconds >= 1).toBe(true)
      waits.push(seconds)
      const refusedAt = answer.doneAt
      await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds))
      const [first, second] = [await timed(url, { path }), await timed(url, { path })]
      // Whole seconds, rounded up: within one more at the latest.
      expect([first.status, second.status]).toContain(200)
      expect(first.sentAt - refusedAt).toBeLessThan(1_000 * (seconds + 1))
      if (path === '/windows') break
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(3)
  },
)

test('while a service takes no connection only the request that met it first counts', async () => {
  const { url } = fleet
  const statuses: number[] = []
  for (let turn = 0; turn < 8; turn += 1)
    statuses.push((await timed(url, { path: '/down' })).status)
  expect(statuses).toEqual(Array(8).fill(502))
  expect((await timed(url, { path: '/down' })).headers.ratelimit).toBe('"rate-limit-1";r=4')
})
