/** Machines that end in mid-load, by a signal or by none, and begin again on the same state. */
import { expect, test } from 'vitest'
import {
  excess,
  type Fleet,
  flood,
  floodFor,
  startFleet,
  type Timed,
  tally,
  timed,
} from './fleet.ts'
import { type Origin, startOrigin, until } from './harness.ts'

const strict = { by: ['global'], onStoreFault: 'deny' }

function tableOf({ url }: Origin) {
  const route = (name: string, policy: object) => ({
    name,
    match: { path: `/${name}` },
    policies: [{ ...strict, ...policy }],
    upstream: 'origin',
  })
  return {
    version: 1,
    upstreams: { origin: { targets: [url] } },
    routes: [
      route('five', { use: 'rate-limit', limit: 5, windowSeconds: 3_600 }),
      route('busy', { use: 'rate-limit', limit: 100, windowSeconds: 1, burst: 100 }),
      route('month', { use: 'quota', limit: 50, per: 'month' }),
    ],
  }
}

const start = (origin: Origin, state?: string) =>
  startFleet({ services: 4, routes: tableOf(origin), ...(state === undefined ? {} : { state }) })

/** Without a word: nothing can be written any more. */
async function kill(fleet: Fleet): Promise<void> {
  process.kill(fleet.pid, 'SIGKILL')
  await until(async () => {
    try {
      await timed(fleet.url, { path: '/none' })
      return undefined
    } catch {
      return true
    }
  })
}

const ends = {
  'ended by a signal': (fleet: Fleet) => fleet.stop(),
  'killed without a word': kill,
} as const

test.concurrent.each(Object.keys(ends) as (keyof typeof ends)[])(
  'a machine that was %s grants nothing twice',
  async (how) => {
    const origin = await startOrigin((_request, response) => void response.end('ok'))
    const rate = { limit: 100, windowMs: 1_000, burst: 100 }
    const answers: Timed[] = []
    let fleet = await start(origin)
    const state = fleet.state
    for (let life = 0; life < 3; life += 1) {
      if (life > 0) fleet = await start(origin, state)
      const asking = floodFor(fleet.urls, { ms: 1_500, parallel: 16, question: { path: '/busy' } })
      if (life < 2) {
        await new Promise((resolve) => setTimeout(resolve, 700 + 250 * life))
        await ends[how](fleet)
      }
      answers.push(...(await asking))
    }
    expect(excess(answers, rate)).toBeLessThanOrEqual(0)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(100)
  },
)

test('a spent limit and a spent quota stay spent over a machine that was killed', async () => {
  const origin = await startOrigin((_request, response) => void response.end('ok'))
  const first = await start(origin)
  const five = await flood(first.urls, { count: 12, parallel: 1, ask: () => ({ path: '/five' }) })
  expect(tally(five)).toEqual({ 200: 5, 429: 7 })
  const month = { path: '/month' }
  const before = await flood(first.urls, { count: 40, parallel: 4, ask: () => month })
  expect(tally(before)).toEqual({ 200: 40 })
  await kill(first)
  const second = await start(origin, first.state)
  const again = await flood(second.urls, { count: 12, parallel: 4, ask: () => ({ path: '/five' }) })
  expect(tally(again)).toEqual({ 429: 12 })
  const rest = await flood(second.urls, { count: 60, parallel: 4, ask: () => month })
  // What isolates held that died is lost until the period ends: fewer may be left, never more.
  expect(rest.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(10)
})
