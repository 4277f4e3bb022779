import { expect, test } from 'vitest'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock, settled } from '../../platform/memory/clock.ts'
import { MemoryTallies } from '../../platform/memory/tallies.ts'
import type { Ports, Tallies } from '../../platform/ports.ts'
import { countKey, countsOf, tellNow, tellWhenDue } from './counts.ts'

const START = 1_000_000

function setUp(given: { readonly fraction?: number; readonly tallies?: Tallies } = {}) {
  const clock = new MemoryClock(START)
  const memory = new MemoryTallies(clock)
  const deferred: Promise<unknown>[] = []
  const ports = {
    clock,
    timers: clock,
    memories: makeMemories(),
    randomness: { hex: () => 'isolate', fraction: () => given.fraction ?? 0 },
    tallies: given.tallies ?? memory,
    defer: (work: Promise<unknown>) => void deferred.push(work),
  } as unknown as Ports
  function count(shown: string, more: { policy?: string; isRefused?: boolean } = {}) {
    const place = { policy: more.policy ?? 'p', object: 'o', bucket: '', location: null, shown }
    countKey(countsOf(ports, clock.now()), place, more.isRefused ?? false)
  }
  const answered = () => tellWhenDue(countsOf(ports, clock.now()), ports, clock.now())
  /** A request of this key whose answer is there, so many milliseconds after the start. */
  async function request(afterMs: number) {
    clock.set(START + afterMs)
    count('["a"]')
    answered()
    await settled()
  }
  return { clock, memory, ports, deferred, count, answered, request }
}

test('what was counted is told after a second, with what was refused', async () => {
  const { clock, memory, count, answered } = setUp()
  count('["a"]')
  count('["a"]', { isRefused: true })
  count('["b"]', { policy: 'q' })
  answered()
  expect(memory.reports).toEqual([])
  clock.set(START + 1_000)
  answered()
  await settled()
  const [a, b] = [
    { key: '["a"]', count: 2, error: 0, refused: 1 },
    { key: '["b"]', count: 1, error: 0, refused: 0 },
  ]
  expect(memory.reports).toEqual([
    {
      isolate: 'isolate',
      policies: [
        ['p', { total: 2, floor: 0, keys: [a] }],
        ['q', { total: 1, floor: 0, keys: [b] }],
      ],
    },
  ])
})

test('what is told once is not told again', async () => {
  const { memory, request } = setUp()
  for (const ms of [0, 1_000, 2_000, 3_000, 12_000]) await request(ms)
  expect(memory.reports.map(({ policies }) => policies[0]?.[1].total)).toEqual([2, 3])
})

test('an isolate calls at most once in ten seconds, however often it is asked', async () => {
  const { memory, request } = setUp()
  for (let ms = 0; ms < 61_000; ms += 100) await request(ms)
  expect(memory.reports).toHaveLength(6)
})

test('isolates that began together part: each pause is up to a tenth longer', async () => {
  const { memory, request } = setUp({ fraction: 0.5 })
  await request(0)
  await request(1_000)
  await request(11_499)
  expect(memory.reports).toHaveLength(1)
  await request(11_500)
  expect(memory.reports).toHaveLength(2)
})

test('one call is in flight at a time', async () => {
  const reports: unknown[] = []
  const tallies: Tallies = {
    report: (report) => {
      reports.push(report)
      return new Promise(() => {})
    },
    read: () => Promise.reject(new Error('not in this test')),
  }
  const { request } = setUp({ tallies })
  await request(0)
  await request(1_000)
  await request(1_001)
  expect(reports).toHaveLength(1)
})

test('a tally that cannot be reached is left alone for a minute, and harms nobody', async () => {
  const { memory, deferred, request } = setUp()
  await request(0)
  memory.isAway = true
  await request(1_000)
  await expect(Promise.all(deferred)).resolves.toHaveLength(1)
  memory.isAway = false
  await request(60_999)
  expect(memory.reports).toEqual([])
  await request(61_000)
  expect(memory.reports).toHaveLength(1)
})

test('a clock that is set back does not silence an isolate', async () => {
  const { memory, request } = setUp()
  await request(0)
  await request(1_000)
  await request(-500_000)
  expect(memory.reports).toHaveLength(2)
})

test('whoever counted nothing calls nobody, and a bucket without a name is not counted', async () => {
  const { clock, memory, ports, deferred, answered } = setUp()
  answered()
  const place = { policy: 'p', object: 'o', bucket: '', location: null }
  countKey(countsOf(ports, START), place, false)
  clock.set(START + 60_000)
  answered()
  expect([memory.reports, deferred]).toEqual([[], []])
})

test('an operator who asks is told of what was counted until then', async () => {
  const { memory, ports, count } = setUp()
  count('["a"]')
  await tellNow(ports)
  await tellNow(ports)
  expect(memory.reports).toHaveLength(1)
})
