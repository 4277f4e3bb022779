/** `split` in a whole gateway: who is sent where, and when a new upstream is left. */
import { expect, test } from 'vitest'
import { START } from '../test/exchange.ts'
import { makeGateway } from '../test/gateway.ts'
import { findLink } from './calls/state/bind-link.ts'
import { makeMemories } from './platform/memories.ts'
import { MemoryClock } from './platform/memory/clock.ts'
import { MemoryUpstreamObjects } from './platform/memory/upstream-objects.ts'
import type { NetworkCall } from './platform/ports.ts'

interface Given {
  readonly weights?: readonly [number, number]
  readonly answer?: (call: NetworkCall) => Response
  readonly fractions?: readonly number[]
  /** Of the new upstream. */
  readonly fallback?: readonly object[]
}

function setUp(
  split: object | undefined,
  { weights = [90, 10], answer, fractions, fallback }: Given = {},
) {
  const clock = new MemoryClock(START)
  const randomness = { hex: () => 'ab', fraction: () => 0.5 }
  const memories = makeMemories()
  const upstreams = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const table = {
    version: 1,
    upstreams: {
      v1: { targets: ['https://v1.example.com'] },
      v2: {
        targets: ['https://v2.example.com'],
        ...(fallback === undefined ? {} : { fallback }),
      },
    },
    routes: [
      {
        name: 'shop',
        match: { path: '/*' },
        upstream: [
          { upstream: 'v1', weight: weights[0] },
          { upstream: 'v2', weight: weights[1] },
        ],
        ...(split === undefined ? {} : { split }),
      },
    ],
  }
  const gateway = makeGateway(table, {
    clock,
    ports: { upstreams, memories },
    ...(answer === undefined ? {} : { answer }),
    ...(fractions === undefined ? {} : { fractions }),
  })
  /** Which upstream got the request. */
  async function ask(given: Parameters<typeof gateway.ask>[0] = {}): Promise<string | null> {
    await gateway.ask(given)
    return gateway.events.at(-1)?.upstream ?? null
  }
  const ports = { clock, timers: clock, randomness, upstreams, memories, defer: () => {} }
  const spec = gateway.plan.fleet().get('v2')?.spec ?? {}
  /** Lets the isolate tell its object what it counted, and hear what that says. */
  const tell = () => findLink('v2', ports, START).exchange(ports, spec)
  return { gateway, ask, tell, clock, upstreams, spec }
}

test('a list alone goes by chance and weight', async () => {
  const { ask } = setUp(undefined, { fractions: [0.89, 0, 0.91, 0] })
  expect([await ask(), await ask()]).toEqual(['v1', 'v2'])
})

test('the same caller always gets the same upstream', async () => {
  const { ask } = setUp({ sticky: { hash: ['cookie.sid'] } }, { weights: [50, 50] })
  const of = (sid: number) => ask({ headers: { cookie: `sid=${sid}` } })
  const first: (string | null)[] = []
  const again: (string | null)[] = []
  for (let sid = 0; sid < 40; sid += 1) first.push(await of(sid))
  for (let sid = 0; sid < 40; sid += 1) again.push(await of(sid))
  expect(again).toEqual(first)
  expect(new Set(first)).toEqual(new Set(['v1', 'v2']))
})

test('a caller without any part of the key goes by chance', async () => {
  const split = { sticky: { hash: ['cookie.sid'] } }
  const { ask } = setUp(split, { fractions: [0.89, 0, 0.91, 0] })
  expect([await ask(), await ask()]).toEqual(['v1', 'v2'])
})

test('a header field asks for an upstream, whatever the weights', async () => {
  const split = { header: { name: 'X-Version', values: { next: 'v2' } } }
  const { ask } = setUp(split, { weights: [100, 0] })
  expect(await ask()).toBe('v1')
  expect(await ask({ headers: { 'x-version': 'next' } })).toBe('v2')
  expect(await ask({ headers: { 'x-version': 'constructor' } })).toBe('v1')
})

test('a ramp gives the new one its share of the time', async () => {
  const startAt = new Date(START).toISOString().replace('.000Z', 'Z')
  const ramp = { from: 0, to: 100, steps: 2, overSeconds: 100, startAt }
  const { ask, clock } = setUp({ new: 'v2', ramp }, { fractions: Array(12).fill(0.6) })
  const seen: (string | null)[] = []
  for (const seconds of [-10, 0, 49, 50, 99, 100]) {
    clock.set(START + 1000 * seconds)
    seen.push(await ask())
  }
  // Chance 0.6: with half of the weight each, the second of the list has it.
  expect(seen).toEqual(['v1', 'v1', 'v1', 'v2', 'v2', 'v2'])
})

const rollback = { errorPercent: 5, minimumRequests: 10 }
const failing = ({ url }: NetworkCall) =>
  new Response(null, { status: url.startsWith('https://v2') ? 500 : 200 })

test('a new one that fails more than the others is left, until an operator resets it', async () => {
  const sticky = { hash: ['query.n'] }
  const split = setUp({ new: 'v2', rollback, sticky }, { weights: [50, 50], answer: failing })
  const seen = async () => {
    const names = new Set<string | null>()
    for (let n = 0; n < 40; n += 1) names.add(await split.ask({ target: `/?n=${n}` }))
    return names
  }
  expect(await seen()).toEqual(new Set(['v1', 'v2']))
  await split.tell()
  expect(await seen()).toEqual(new Set(['v1']))
  expect(split.upstreams.notices).toMatchObject([
    { notice: 'rollback', upstream: 'v2', to: 'rolled-back', reason: 'error-rate', route: 'shop' },
  ])
  await split.upstreams.command('v2', { spec: split.spec, change: { kind: 'reset' } })
  await split.tell()
  expect(await seen()).toEqual(new Set(['v1', 'v2']))
})

test('an answer of a fallback counts as the failure that it hides', async () => {
  const split = { new: 'v2', rollback, sticky: { hash: ['query.n'] } }
  const fallback = [{ respond: { status: 200 } }]
  const set = setUp(split, { weights: [50, 50], answer: failing, fallback })
  for (let n = 0; n < 40; n += 1) await set.ask({ target: `/?n=${n}` })
  expect(new Set(set.gateway.events.map(({ status }) => status))).toEqual(new Set([200]))
  await set.tell()
  expect(set.upstreams.notices).toMatchObject([{ to: 'rolled-back' }])
})

test('requests that a header field sends are not counted', async () => {
  const header = { name: 'x-version', values: { next: 'v2', old: 'v1' } }
  const set = setUp({ new: 'v2', rollback, header }, { weights: [50, 50], answer: failing })
  for (let n = 0; n < 20; n += 1) {
    await set.ask({ headers: { 'x-version': 'next' } })
    await set.ask({ headers: { 'x-version': 'old' } })
  }
  await set.tell()
  expect(set.upstreams.notices).toEqual([])
})
