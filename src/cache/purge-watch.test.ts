import { expect, test } from 'vitest'
import { MemoryClock } from '../platform/memory/clock.ts'
import { KvDouble } from '../platform/memory/kv-double.ts'
import { PurgeBook } from './purge-book.ts'
import { noPurgeList, type PurgeList, purgesKey } from './purge-core.ts'
import { type PurgePolicy, PurgeWatch, purgePolicies } from './purge-watch.ts'

function setUp({
  seed = 1,
  maxDelayMs = 60_000,
  policy = purgePolicies.cloudflare as PurgePolicy,
} = {}) {
  const clock = new MemoryClock(1_000_000)
  const kv = new KvDouble({ clock, maxDelayMs, seed })
  let stored: PurgeList = noPurgeList
  const book = new PurgeBook({
    storage: {
      read: () => stored,
      write: (list) => {
        stored = list
      },
    },
    documents: kv.at('owner'),
    clock,
    timers: clock,
    writeEveryMs: 1_100,
    wakeAt: () => {},
  })
  function makeIsolate(location: string) {
    const deferred: Promise<unknown>[] = []
    const ports = {
      clock,
      timers: clock,
      documents: kv.at(location),
      defer: (work: Promise<unknown>) => void deferred.push(work),
    }
    const watch = new PurgeWatch(policy)
    return {
      watch,
      deferred,
      view: () => watch.current(clock.now(), () => ports),
      sight: () => watch.sight(clock.now(), () => ports),
      refresh: () => clock.until(watch.refresh(ports)),
    }
  }
  /** The first purge of all: before it KV remembers that there was no list. */
  async function begin() {
    await clock.until(book.add({ routes: ['first'] }))
    await clock.advance(90_000)
  }
  return { clock, kv, book, makeIsolate, begin }
}

const entry = { generation: 999_999, url: 'https://a.example/', route: 'r', tags: ['t'] }

test('no request waits while the list is young, and looks are ten seconds apart', async () => {
  const { clock, kv, makeIsolate } = setUp()
  const isolate = makeIsolate('FRA')
  await isolate.refresh()
  for (let second = 0; second < 60; second++) {
    isolate.view()
    expect(isolate.sight()).toBe('sure')
    await clock.advance(1_000)
  }
  expect(kv.reads).toBe(6)
})

test('an isolate that just began, or slept, looks before it is sure', async () => {
  const { clock, book, makeIsolate } = setUp({ maxDelayMs: 0 })
  const isolate = makeIsolate('FRA')
  expect(await clock.until(Promise.resolve(isolate.sight()))).toBe('sure')
  expect(isolate.sight()).toBe('sure')
  await clock.until(book.add({ tags: ['t'] }))
  await clock.advance(3_600_000)
  const sight = isolate.sight()
  expect(sight).toBeInstanceOf(Promise)
  expect(await clock.until(Promise.resolve(sight))).toBe('sure')
  expect(isolate.view().isPurged(entry)).toBe(true)
})

test('an isolate that never could look is blind, and asks again once in a second', async () => {
  const { clock, kv, makeIsolate } = setUp()
  kv.fault = () => 'throws'
  const isolate = makeIsolate('FRA')
  expect(await clock.until(Promise.resolve(isolate.sight()))).toBe('blind')
  expect(isolate.sight()).toBe('blind')
  await clock.advance(1_000)
  kv.fault = () => 'none'
  expect(await clock.until(Promise.resolve(isolate.sight()))).toBe('sure')
})

test('a KV that hangs keeps nobody for longer than a second', async () => {
  const { clock, kv, makeIsolate } = setUp()
  kv.fault = () => 'hangs'
  const isolate = makeIsolate('FRA')
  const before = clock.now()
  expect(await clock.until(Promise.resolve(isolate.sight()))).toBe('blind')
  expect(clock.now() - before).toBeLessThanOrEqual(1_050)
})

test('an isolate that has looked goes by what it knows while KV is away', async () => {
  const { clock, kv, book, makeIsolate } = setUp({ maxDelayMs: 0 })
  await clock.until(book.add({ tags: ['t'] }))
  const isolate = makeIsolate('FRA')
  await isolate.refresh()
  kv.fault = () => 'throws'
  await clock.advance(60_000)
  expect(await clock.until(Promise.resolve(isolate.sight()))).toBe('sure')
  expect(isolate.view().isPurged(entry)).toBe(true)
})

test('what was purged here is in force here at once, and what others purged meanwhile is not missed', async () => {
  const { clock, book, makeIsolate, begin } = setUp({ maxDelayMs: 0 })
  await begin()
  const isolate = makeIsolate('FRA')
  await isolate.refresh()
  const other = await clock.until(book.add({ tags: ['t'] }))
  await clock.advance(2_000)
  const own = await clock.until(book.add({ routes: ['other'] }))
  isolate.watch.learn({ routes: ['other'] }, own.generation)
  const older = { ...entry, generation: other.generation - 1 }
  expect(isolate.view().isPurged({ ...older, route: 'other' })).toBe(true)
  expect(isolate.view().isPurged(older)).toBe(false)
  await isolate.refresh()
  expect(isolate.view().isPurged(older)).toBe(true)
})

test('an older copy of KV takes nothing back', async () => {
  const { clock, kv, book, makeIsolate } = setUp({ maxDelayMs: 0 })
  const isolate = makeIsolate('FRA')
  await clock.until(book.add({ tags: ['t'] }))
  await isolate.refresh()
  await clock.advance(2_000)
  await kv.at('owner').put(purgesKey, JSON.stringify(noPurgeList), { version: '0' })
  await isolate.refresh()
  expect(isolate.view().isPurged(entry)).toBe(true)
})

test('a text that is no list changes nothing', async () => {
  const { kv, makeIsolate } = setUp({ maxDelayMs: 0 })
  await kv.at('owner').put(purgesKey, '{}', { version: 'x' })
  const isolate = makeIsolate('FRA')
  await isolate.refresh()
  expect(isolate.view().generation).toBe(0)
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'a purge is in force in every location within 90 seconds of its answer (seed %i)',
  async (seed) => {
    const { clock, book, makeIsolate, begin } = setUp({ seed })
    await begin()
    const busy = Array.from({ length: 12 }, (_, index) => makeIsolate(`busy-${index}`))
    const asleep = Array.from({ length: 12 }, (_, index) => makeIsolate(`asleep-${index}`))
    for (const isolate of [...busy, ...asleep]) await isolate.refresh()
    await clock.advance(45_000)
    const { isPublished } = await clock.until(book.add({ tags: ['t'] }))
    expect(isPublished).toBe(true)
    for (let second = 0; second < 90; second++) {
      for (const isolate of busy) {
        isolate.sight()
        isolate.view()
      }
      await clock.advance(1_000)
    }
    for (const isolate of [...busy, ...asleep]) {
      const sight = isolate.sight()
      if (sight !== 'sure') await clock.until(Promise.resolve(sight))
      expect(isolate.view().isPurged(entry)).toBe(true)
    }
  },
)

test('on one machine a purge is in force within a second', async () => {
  const { clock, book, makeIsolate, begin } = setUp({
    maxDelayMs: 0,
    policy: purgePolicies.machine,
  })
  await begin()
  const [busy, asleep] = [makeIsolate('a'), makeIsolate('b')]
  await busy.refresh()
  await asleep.refresh()
  await clock.until(book.add({ tags: ['t'] }))
  for (let time = 0; time < 20; time++) {
    busy.view()
    await clock.advance(50)
  }
  expect(busy.view().isPurged(entry)).toBe(true)
  await clock.until(Promise.resolve(asleep.sight()))
  expect(asleep.view().isPurged(entry)).toBe(true)
})
