/** What tables with limits mean for whole requests: who shares a bucket, what a refusal says, what is given back. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { START } from '../test/exchange.ts'
import { type Ask, type Given, makeGateway } from '../test/gateway.ts'
import { MemoryBucketObjects } from './platform/memory/bucket-objects.ts'
import { MemoryClock } from './platform/memory/clock.ts'
import type { BucketObjects } from './platform/ports.ts'

const secrets = { ADA: 'right', BOB: 'right' }
const users = { ada: { password: { secret: 'ADA' } }, bob: { password: { secret: 'BOB' } } }
const basic = { use: 'basic-auth', users, optional: true }
const as = (user: string): Ask => ({ headers: { authorization: `Basic ${btoa(`${user}:right`)}` } })
const from = (peer: string): Ask => ({ peer: peer.includes(':') ? `[${peer}]:1` : `${peer}:1` })

const upstreams = { service: { targets: ['http://127.0.0.1:9101'] } }
const perMinute = (limit: number) => ({ use: 'rate-limit', limit, windowSeconds: 60 })

function setUp(table: object, given: Given = {}) {
  const clock = new MemoryClock(START)
  const objects = new MemoryBucketObjects(clock)
  /** Names of the objects that were asked. */
  const names = new Set<string>()
  const buckets: BucketObjects = {
    call(place, shape, message) {
      names.add(place.object)
      return objects.call(place, shape, message)
    },
    look: (place, shape) => objects.look(place, shape),
    change: (place, shape, change) => objects.change(place, shape, change),
  }
  const whole = { version: 1, upstreams, ...table }
  const gateway = makeGateway(whole, { secrets, clock, buckets, ...given })
  /** The statuses of so many requests, one after the other. */
  async function statuses(count: number, ask: Ask = {}): Promise<readonly number[]> {
    const list: number[] = []
    for (let n = 0; n < count; n += 1) list.push((await gateway.ask(ask)).status)
    return list
  }
  return { ...gateway, clock, objects, names, statuses }
}

function routeWith(...policies: readonly (object | string)[]) {
  const match = { path: '/*' }
  return { routes: [{ name: 'only', match, policies, upstream: 'service' }] }
}

describe('who shares a bucket', () => {
  test('T2: each verified user has a limit of its own, whatever its address', async () => {
    const { statuses } = setUp(routeWith(perMinute(2), basic))
    expect(await statuses(3, as('ada'))).toEqual([200, 200, 429])
    expect(await statuses(3, as('bob'))).toEqual([200, 200, 429])
    expect(await statuses(3)).toEqual([200, 200, 429])
  })

  test('T3: a key that is made up anew with each request is no way out', async () => {
    const { ask } = setUp(routeWith(perMinute(2), basic))
    const statuses: number[] = []
    for (const key of ['1', '2', '3']) {
      statuses.push((await ask({ headers: { 'x-api-key': key } })).status)
    }
    expect(statuses).toEqual([200, 200, 429])
  })

  test('the addresses of one IPv6 network share a bucket', async () => {
    const { ask } = setUp(routeWith({ ...perMinute(2), by: ['client.ip'] }))
    const statuses: number[] = []
    for (const peer of ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1']) {
      statuses.push((await ask(from(peer))).status)
    }
    expect(statuses).toEqual([200, 200, 429, 200])
  })

  test('T5: keys that anyone can make up fill 256 objects and no more', async () => {
    const { ask, names } = setUp(routeWith({ ...perMinute(2), by: ['header.x-tenant'] }))
    for (let n = 0; n < 3_000; n += 1) await ask({ headers: { 'x-tenant': `made up ${n}` } })
    expect(names.size).toBe(256)
  })

  const twoRoutes = (policies: readonly (object | string)[]) =>
    ['a', 'b'].map((name) => ({ name, match: { path: `/${name}` }, policies, upstream: 'service' }))

  test('a limit of a set is one bucket for all its routes', async () => {
    const table = { policySets: { s: [perMinute(2)] }, routes: twoRoutes(['s']) }
    const { statuses } = setUp(table)
    expect(await statuses(2, { target: '/a' })).toEqual([200, 200])
    expect(await statuses(1, { target: '/b' })).toEqual([429])
  })

  test('with `route` in its key it is one bucket for each, and so is a limit of a route', async () => {
    const own = { ...perMinute(1), by: ['consumer', 'route'] }
    const { statuses } = setUp({ policySets: { s: [own] }, routes: twoRoutes(['s']) })
    expect(await statuses(2, { target: '/a' })).toEqual([200, 429])
    expect(await statuses(2, { target: '/b' })).toEqual([200, 429])
    const apart = setUp({ routes: twoRoutes([perMinute(1)]) })
    expect(await apart.statuses(2, { target: '/a' })).toEqual([200, 429])
    expect(await apart.statuses(2, { target: '/b' })).toEqual([200, 429])
  })
})

describe('what answers say', () => {
  test('T4: a refusal is a 429 with the time until a token is there', async () => {
    const { ask, statuses, clock } = setUp(
      routeWith({ ...perMinute(10), by: ['client.ip'], burst: 2 }),
    )
    await statuses(2)
    const response = await ask()
    expect(response.status).toBe(429)
    expect(await response.json()).toMatchObject({
      code: 'RATE_LIMITED',
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      'violated-policies': ['rate-limit-1'],
    })
    expect(response.headers.get('ratelimit-policy')).toBe('"rate-limit-1";q=10;w=60')
    const seconds = Number(response.headers.get('retry-after'))
    expect(response.headers.get('ratelimit')).toBe(`"rate-limit-1";r=0;t=${seconds}`)
    expect(seconds).toBe(6)
    await clock.advance(seconds * 1000)
    expect(await statuses(2)).toEqual([200, 429])
  })

  test('admitted answers count down, also where the service fails', async () => {
    const { ask } = setUp(routeWith(perMinute(3)), {
      answer: () => new Response('no', { status: 500, headers: { ratelimit: '"x";r=9' } }),
    })
    const left: (string | null)[] = []
    for (let n = 0; n < 4; n += 1) left.push((await ask()).headers.get('ratelimit'))
    expect(left.slice(0, 3)).toEqual([
      '"rate-limit-1";r=2',
      '"rate-limit-1";r=1',
      expect.stringMatching(/^"rate-limit-1";r=0;t=\d+$/),
    ])
  })

  test('several windows are told as a list', async () => {
    const limits = [
      { limit: 100, windowSeconds: 60 },
      { limit: 1000, windowSeconds: 3600 },
    ]
    const { ask } = setUp(routeWith({ use: 'rate-limit', limits }))
    const { headers } = await ask()
    expect(headers.get('ratelimit-policy')).toBe(
      '"rate-limit-1";q=100;w=60, "rate-limit-1-2";q=1000;w=3600',
    )
    expect(headers.get('ratelimit')).toBe('"rate-limit-1";r=99, "rate-limit-1-2";r=999')
  })

  test('a limit in shadow mode lets all pass and says so in the event', async () => {
    const { statuses, events } = setUp(routeWith({ ...perMinute(1), mode: 'shadow' }))
    expect(await statuses(2)).toEqual([200, 200])
    const outcomes = events.map(({ policies }) => policies['rate-limit-1'])
    expect(outcomes).toEqual(['would-pass', 'would-refuse'])
  })
})

describe('the numbers of the seeds', () => {
  test.each([
    ['10 r/s burst 20', { limit: 10, windowSeconds: 1, burst: 20 }, 20, 10],
    ['200 at once, 100 a second', { limit: 100, windowSeconds: 1, burst: 200 }, 200, 100],
    ['100 a minute', { limit: 100, windowSeconds: 60 }, 100, 1],
  ])('%s: so many at once, and so many a second later', async (_name, rate, first, later) => {
    const { statuses, clock } = setUp(routeWith({ use: 'rate-limit', ...rate }))
    const passed = async () => (await statuses(first + 5)).filter((status) => status === 200).length
    expect(await passed()).toBe(first)
    await clock.advance(1000)
    expect(await passed()).toBe(later)
  })

  test('100 a minute and 1000 an hour: the hour ends what the minutes still allow', async () => {
    const limits = [
      { limit: 100, windowSeconds: 60 },
      { limit: 150, windowSeconds: 3600 },
    ]
    const { statuses, clock, ask } = setUp(routeWith({ use: 'rate-limit', limits }))
    await statuses(100)
    expect(await (await ask()).json()).toMatchObject({ 'violated-policies': ['rate-limit-1'] })
    await clock.advance(60_000)
    const passed = (await statuses(60)).filter((status) => status === 200).length
    // A minute of 150 an hour is 2.5 tokens.
    expect(passed).toBe(52)
    expect(await (await ask()).json()).toMatchObject({ 'violated-policies': ['rate-limit-1-2'] })
  })

  test('three plans, and a caller of none', async () => {
    const plans = {
      mobile: { limits: [{ limit: 10, windowSeconds: 60 }] },
      web: { limits: [{ limit: 5, windowSeconds: 60 }] },
    }
    const consumers = { ada: { plan: 'mobile' }, bob: { plan: 'web' } }
    const planned = routeWith({ use: 'rate-limit', plan: true }, basic)
    const { statuses, ask } = setUp({ plans, consumers, ...planned })
    const passed = (list: readonly number[]) => list.filter((status) => status === 200).length
    expect(passed(await statuses(12, as('ada')))).toBe(10)
    expect(passed(await statuses(12, as('bob')))).toBe(5)
    const stranger = await ask()
    expect(stranger.status).toBe(403)
    expect(await stranger.json()).toMatchObject({ code: 'PLAN_MISSING' })
  })
})

describe('nothing is lost, nothing is given twice', () => {
  const a = { ...perMinute(1), name: 'a', limit: 60, windowSeconds: 31_536_000, by: ['global'] }
  const b = { ...a, name: 'b', limit: 100 }
  const cost = '${header.x-cost}'
  const table = {
    policySets: { a: [{ ...a, cost }], b: [{ ...b, cost }] },
    routes: [
      { name: 'both', match: { path: '/both' }, policies: ['a', 'b'], upstream: 'service' },
      { name: 'a', match: { path: '/a' }, policies: ['a'], upstream: 'service' },
      { name: 'b', match: { path: '/b' }, policies: ['b'], upstream: 'service' },
    ],
  }

  const asks = fc.array(
    fc.record({
      target: fc.constantFrom('/both', '/a', '/b'),
      cost: fc.integer({ min: 0, max: 9 }),
    }),
    // Enough to empty both: a limit that refuses after another was taken from is what may lose tokens.
    { minLength: 30, maxLength: 50 },
  )

  test('what was consumed of each limit is what the admitted requests cost', async () => {
    const seed = Date.now() % 2 ** 31
    await fc.assert(
      fc.asyncProperty(asks, async (list) => {
        const { ask, statuses } = setUp(table)
        const spent = { a: 0, b: 0 }
        for (const { target, cost: tokens } of list) {
          const { status } = await ask({ target, headers: { 'x-cost': String(tokens) } })
          if (status !== 200) continue
          if (target !== '/b') spent.a += tokens
          if (target !== '/a') spent.b += tokens
        }
        const left = async (target: string) =>
          (await statuses(101, { target, headers: { 'x-cost': '1' } })).filter((s) => s === 200)
            .length
        expect({ a: spent.a + (await left('/a')), b: spent.b + (await left('/b')) }).toEqual({
          a: 60,
          b: 100,
        })
      }),
      { seed, numRuns: 30, verbose: 1 },
    )
  })

  test('T3: a limit that refuses leaves the others what they have', async () => {
    const { ask, statuses } = setUp(table)
    const costing = (tokens: number, target: string) => ({
      target,
      headers: { 'x-cost': String(tokens) },
    })
    // 55 of 60 and of 100: nine more are not in the first, and are in the second.
    await statuses(11, costing(5, '/both'))
    expect((await ask(costing(9, '/both'))).status).toBe(429)
    const passed = async (target: string) =>
      (await statuses(50, costing(1, target))).filter((status) => status === 200).length
    expect([await passed('/b'), await passed('/a')]).toEqual([45, 5])
  })
})

describe('when the store of buckets fails', () => {
  const only = (onStoreFault: string) => routeWith({ ...perMinute(100), onStoreFault })

  test('deny refuses with STORE_UNAVAILABLE and a time to come back', async () => {
    const { ask, objects } = setUp(only('deny'))
    objects.trouble = 'fault'
    const response = await ask()
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await response.json()).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test('local lets a tenth of the limit pass', async () => {
    const { statuses, objects, events } = setUp(only('local'))
    objects.trouble = 'fault'
    const passed = (await statuses(30)).filter((status) => status === 200).length
    expect(passed).toBeGreaterThan(0)
    expect(passed).toBeLessThanOrEqual(10)
    expect(events[0]?.policies).toEqual({ 'rate-limit-1': 'passed:local' })
  })

  test('allow lets pass, and says nothing of what is left', async () => {
    const { ask, objects, events } = setUp(only('allow'))
    objects.trouble = 'fault'
    const response = await ask()
    expect(response.status).toBe(200)
    expect(response.headers.has('ratelimit')).toBe(false)
    expect(events[0]?.policies).toEqual({ 'rate-limit-1': 'passed:unlimited' })
  })

  test('an object that is overloaded refuses, whatever the policy says of faults', async () => {
    const { ask, objects } = setUp(only('allow'))
    objects.trouble = 'overloaded'
    const response = await ask()
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1'])
  })
})
