import { expect, test } from 'vitest'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryTallies } from '../../platform/memory/tallies.ts'
import type { TopSummary } from '../top.ts'
import { KEPT_MS, TallyBook } from './book.ts'

const START = 1_000_000

function counted(key: string, count: number): TopSummary {
  return { total: count, floor: 0, keys: [{ key, count, error: 0, refused: 0 }] }
}

function report(isolate: string, count = 1, policy = 'defaults/rate-limit-1') {
  return { isolate, policies: [[policy, counted('["a"]', count)]] as const }
}

function setUp() {
  const clock = new MemoryClock(START)
  const tally = new MemoryTallies(clock)
  const countOf = async () => (await tally.read()).policies.map(([, { total }]) => total)
  return { clock, tally, countOf }
}

test('what several isolates count of a policy adds up', async () => {
  const { tally } = setUp()
  await tally.report(report('one', 2))
  await tally.report(report('other', 3))
  expect(await tally.read()).toEqual({
    since: START,
    policies: [['defaults/rate-limit-1', counted('["a"]', 5)]],
  })
})

test('each policy has a list of its own', async () => {
  const { tally } = setUp()
  await tally.report(report('one', 2, 'p'))
  await tally.report(report('one', 3, 'q'))
  expect((await tally.read()).policies).toEqual([
    ['p', counted('["a"]', 2)],
    ['q', counted('["a"]', 3)],
  ])
})

test('what is older than two windows is forgotten', async () => {
  const { clock, tally, countOf } = setUp()
  await tally.report(report('one', 1))
  clock.set(START + 300_000)
  await tally.report(report('one', 10))
  expect(await countOf()).toEqual([11])
  clock.set(START + 600_000)
  expect(await countOf()).toEqual([10])
  expect((await tally.read()).since).toBe(START + 300_000)
  clock.set(START + 1_200_000)
  expect(await countOf()).toEqual([])
})

test('a clock that is set back keeps what was counted, and goes on', async () => {
  const { clock, tally, countOf } = setUp()
  await tally.report(report('one', 1))
  clock.set(START - 500_000)
  await tally.report(report('one', 1))
  expect(await countOf()).toEqual([2])
  clock.set(START - 500_000 + KEPT_MS)
  expect(await countOf()).toEqual([])
})

test('few isolates come every ten seconds, many so seldom that a hundred come in one', async () => {
  const { tally } = setUp()
  expect(await tally.report(report('0'))).toEqual({ nextMs: 10_000 })
  const pauses: number[] = []
  for (let isolate = 1; isolate < 7_000; isolate += 1) {
    pauses.push((await tally.report({ isolate: String(isolate), policies: [] })).nextMs)
  }
  expect(pauses[998]).toBe(10_000)
  expect(pauses[1_998]).toBe(20_000)
  expect(pauses.at(-1)).toBe(60_000)
})

test('isolates that are gone are not waited for', async () => {
  const { clock, tally } = setUp()
  for (let isolate = 0; isolate < 3_000; isolate += 1) {
    await tally.report({ isolate: String(isolate), policies: [] })
  }
  clock.set(START + 60_000)
  expect(await tally.report(report('0'))).toEqual({ nextMs: 30_000 })
  clock.set(START + 120_000)
  expect(await tally.report(report('0'))).toEqual({ nextMs: 10_000 })
})

test('an object that begins anew has lost what came in the ten seconds after it was written', async () => {
  const { clock, tally, countOf } = setUp()
  await tally.report(report('one', 1))
  clock.set(START + 9_999)
  await tally.report(report('one', 10))
  tally.restart()
  expect(await countOf()).toEqual([1])
  clock.set(START + 10_000)
  await tally.report(report('one', 100))
  tally.restart()
  expect(await countOf()).toEqual([101])
})

test('both windows are there after a new beginning', async () => {
  const { clock, tally, countOf } = setUp()
  await tally.report(report('one', 1))
  clock.set(START + 300_000)
  await tally.report(report('one', 10))
  tally.restart()
  expect(await countOf()).toEqual([11])
})

test('an object that wakes ends when what it has stored is over', () => {
  const clock = new MemoryClock(START)
  let text: string | null = null
  const storage = {
    read: () => text,
    write: (written: string) => {
      text = written
    },
  }
  new TallyBook({ clock, storage }).report(report('one'))
  clock.set(START + 200_000)
  expect(new TallyBook({ clock, storage }).endsAt).toBe(START + KEPT_MS)
  text = null
  expect(new TallyBook({ clock, storage }).endsAt).toBe(Number.NEGATIVE_INFINITY)
})

test('policies beyond 128 are not counted', async () => {
  const { tally } = setUp()
  for (let policy = 0; policy < 200; policy += 1) await tally.report(report('one', 1, `p${policy}`))
  expect((await tally.read()).policies).toHaveLength(128)
})
