import { expect, test } from 'vitest'
import { type Given, makeGateway } from '../../test/gateway.ts'
import { MemoryBucketObjects } from '../platform/memory/bucket-objects.ts'
import { MemoryClock, settled } from '../platform/memory/clock.ts'
import { MemoryTallies } from '../platform/memory/tallies.ts'

function setUp(policies: readonly object[], given: Given = {}) {
  const clock = new MemoryClock(1_000_000)
  const tallies = new MemoryTallies(clock)
  const route = { name: 'only', match: { path: '/*' }, policies, upstream: 'service' }
  const table = {
    version: 1,
    upstreams: { service: { targets: ['http://127.0.0.1:9101'] } },
    routes: [route],
  }
  const gateway = makeGateway(table, {
    clock,
    ports: { tallies },
    buckets: new MemoryBucketObjects(clock),
    ...given,
  })
  const ask = async (peer = '192.0.2.1') =>
    (await clock.until(gateway.ask({ peer: `${peer}:5000` }))).status
  /** What the tally heard, by policy and key: requests and refusals. */
  const heard = () =>
    tallies.reports.flatMap(({ policies: told }) =>
      told.flatMap(([policy, { keys }]) =>
        keys.map(({ key, count, refused }) => [policy, key, count, refused]),
      ),
    )
  return { clock, ask, heard }
}

const id = 'route:only/rate-limit-1'

test('each limit counts its keys, however many windows it has, with those it refused', async () => {
  const windows = [
    { limit: 2, windowSeconds: 60 },
    { limit: 100, windowSeconds: 3_600 },
  ]
  const { clock, ask, heard } = setUp([
    { use: 'rate-limit', limits: windows },
    { use: 'quota', limit: 100, per: 'day', by: ['route'] },
  ])
  const statuses = [await ask(), await ask(), await ask()]
  expect(statuses).toEqual([200, 200, 429])
  clock.set(1_002_000)
  expect(await ask('192.0.2.2')).toBe(200)
  await settled()
  expect(heard()).toEqual([
    [id, '["address|192.0.2.1"]', 3, 1],
    [id, '["address|192.0.2.2"]', 1, 0],
    ['route:only/quota-1', '["only"]', 4, 0],
  ])
})

test('a limit that only watches counts its keys too', async () => {
  const watching = { use: 'rate-limit', limit: 2, windowSeconds: 60, mode: 'shadow' }
  const { clock, ask, heard } = setUp([watching])
  await ask()
  clock.set(1_002_000)
  await ask()
  await settled()
  expect(heard()).toEqual([[id, '["address|192.0.2.1"]', 2, 0]])
})

test('a refused request tells the tally when it is time, and each other one when its answer is there', async () => {
  const order: string[] = []
  const tallies = {
    report: () => {
      order.push('told')
      return Promise.resolve({ nextMs: 10_000 })
    },
    read: () => Promise.reject(new Error('not in this test')),
  }
  const { clock, ask } = setUp([{ use: 'rate-limit', limit: 1, windowSeconds: 3_600, burst: 2 }], {
    ports: { tallies },
    answer: () => {
      order.push('answered')
      return new Response('ok')
    },
  })
  await ask()
  clock.set(1_002_000)
  await ask()
  expect(order).toEqual(['answered', 'answered', 'told'])
  clock.set(1_020_000)
  expect(await ask()).toBe(429)
  expect(order.at(-1)).toBe('told')
  expect(order).toHaveLength(4)
})

test('without a limit nothing is counted', async () => {
  const { clock, ask, heard } = setUp([])
  await ask()
  clock.set(1_002_000)
  await ask()
  expect(heard()).toEqual([])
})
