/** What a fleet does when the objects of its buckets hang, fail, are overloaded or die. */
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
import { startOrigin, until } from './harness.ts'

let fleet: Fleet
const STORE_TIMEOUT_MS = 200

beforeAll(async () => {
  const origin = await startOrigin((_request, response) => void response.end('ok'))
  const route = (name: string, limit: object) => ({
    name,
    match: { path: `/${name}/:run` },
    policies: [
      {
        use: 'rate-limit',
        by: ['route', 'params.run'],
        limit: 40,
        windowSeconds: 3_600,
        storeTimeoutMs: STORE_TIMEOUT_MS,
        ...limit,
      },
    ],
    upstream: 'origin',
  })
  fleet = await startFleet({
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        route('allow', { onStoreFault: 'allow' }),
        route('deny', { onStoreFault: 'deny' }),
        route('local', { onStoreFault: 'local' }),
        route('killed', { onStoreFault: 'deny', limit: 100, windowSeconds: 1, burst: 20 }),
        route('once', { onStoreFault: 'deny', limit: 5 }),
      ],
    },
  })
})

const from = (urls: readonly string[], path: string, count: number) =>
  flood(urls, { count, parallel: 8, ask: () => ({ path }) })

test.each(['hang', 'fail'] as const)(
  'when objects %s each limit does what its table says',
  async (trouble) => {
    await fleet.meter({ trouble })
    try {
      const allowed = await from(fleet.urls, `/allow/${trouble}`, 80)
      expect(tally(allowed)).toEqual({ 200: 80 })
      const denied = await from(fleet.urls, `/deny/${trouble}`, 80)
      expect(tally(denied)).toEqual({ 503: 80 })
      expect(JSON.parse(denied[0]!.body)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(Number(denied[0]!.headers['retry-after'])).toBeGreaterThan(0)
      // A tenth of forty in each isolate.
      const local = await from(fleet.urls, `/local/${trouble}`, 160)
      expect(tally(local)).toEqual({ 200: 4 * SERVICES, 429: 160 - 4 * SERVICES })
      const [slowest] = [...allowed, ...denied, ...local]
        .map(({ sentAt, doneAt }) => doneAt - sentAt)
        .sort((a, b) => b - a)
      // What is beyond is a busy machine.
      expect(slowest).toBeLessThan(STORE_TIMEOUT_MS + 800)
    } finally {
      await fleet.meter({ trouble: 'none' })
    }
  },
)

test('when its objects are back a limit is exact again', async () => {
  await fleet.meter({ trouble: 'fail' })
  expect(tally(await from(fleet.urls, '/once/a', 16))).toEqual({ 503: 16 })
  await fleet.meter({ trouble: 'none' })
  const answers: number[] = []
  const endsAt = performance.now() + 10_000
  while (answers.length < 60 && performance.now() < endsAt) {
    const { status } = await timed(fleet.urls[answers.length % SERVICES]!, { path: '/once/a' })
    // Of a store that failed an isolate thinks for half a second that it still does.
    if (status !== 503) answers.push(status)
  }
  expect(answers.filter((status) => status === 200).length).toBe(5)
})

test.each(['allow', 'deny', 'local'])(
  'an overloaded object is a refusal, never a fault: %s',
  async (kind) => {
    const url = fleet.urls[0]!
    const path = `/${kind}/overloaded`
    await fleet.meter({ overloaded: true })
    try {
      const answers = await from([url], path, 20)
      expect(tally(answers)).toEqual({ 429: 20 })
      expect(new Set(answers.map(({ headers }) => headers['retry-after']))).toEqual(new Set(['1']))
      expect(JSON.parse(answers[0]!.body)).toMatchObject({ code: 'RATE_LIMITED' })
    } finally {
      await fleet.meter({ overloaded: false })
    }
    const { headers } = (await from([url], path, 1))[0]!
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(headers['retry-after'] ?? 0)))
    expect((await timed(url, { path })).status).toBe(200)
  },
)

test('objects that die in mid-load, before or after they granted, grant nothing twice', async () => {
  const rate = { limit: 100, windowMs: 1_000, burst: 20 }
  const asking = floodFor(fleet.urls, { ms: 7_000, parallel: 24, question: { path: '/killed/a' } })
  for (let death = 0; death < 12; death += 1) {
    await fleet.meter({ kills: 1 })
    await until(async () => ((await fleet.meter()).kills === 0 ? true : undefined))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const lastDeathAt = performance.now()
  const answers = await asking
  expect(excess(answers, rate)).toBeLessThanOrEqual(0)
  // A death costs at most a second of refill, what leases held, and half a second of mistrust.
  const after = admitted(answers).filter(({ sentAt }) => sentAt > lastDeathAt)
  const endedAt = Math.max(...answers.map(({ doneAt }) => doneAt))
  expect(after.length).toBeGreaterThan(0.5 * ((endedAt - lastDeathAt - 2_000) / 10))
})
