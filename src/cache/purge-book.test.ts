import { expect, test } from 'vitest'
import { MemoryClock } from '../platform/memory/clock.ts'
import { PurgeBook } from './purge-book.ts'
import type { PurgeList } from './purge-core.ts'

function setUp(writeEveryMs = 1_100) {
  const clock = new MemoryClock(1_000_000)
  const writes: { at: number; list: PurgeList; version: string }[] = []
  const wakes: number[] = []
  const kv = { isAway: false }
  let stored: PurgeList | null = null
  const start = () =>
    new PurgeBook({
      storage: {
        read: () => stored,
        write: (list) => {
          stored = list
        },
      },
      documents: {
        async put(_key, text, { version }) {
          if (kv.isAway) throw new Error('KV failed')
          writes.push({ at: clock.now(), list: JSON.parse(text) as PurgeList, version })
        },
      },
      clock,
      timers: clock,
      writeEveryMs,
      wakeAt: (time) => wakes.push(time),
    })
  return { clock, writes, wakes, kv, start, book: start() }
}

test('a purge is in KV when its number is told', async () => {
  const { clock, book, writes } = setUp()
  const reply = await clock.until(book.add({ tags: ['a'] }))
  expect(reply).toEqual({ generation: 1_000_000, isPublished: true })
  expect(writes).toMatchObject([{ version: '1000000', list: { generation: 1_000_000 } }])
})

test('purges that come at once go into few writes, a second apart', async () => {
  const { clock, book, writes } = setUp()
  const adds = Array.from({ length: 50 }, (_, index) => book.add({ tags: [`t${index}`] }))
  const replies = await clock.until(Promise.all(adds))
  expect(new Set(replies.map(({ generation }) => generation)).size).toBe(50)
  expect(replies.every(({ isPublished }) => isPublished)).toBe(true)
  const last = await clock.until(book.add({ tags: ['last'] }))
  expect(writes.length).toBeLessThanOrEqual(3)
  expect(writes.at(-1)).toMatchObject({ version: String(last.generation) })
  expect(writes.at(-1)?.list.purges).toHaveLength(51)
  const times = writes.map(({ at }) => at)
  for (const [index, at] of times.slice(1).entries()) {
    expect(at - times[index]!).toBeGreaterThanOrEqual(1_100)
  }
})

test('a copy that KV does not take is told, and made again when the time comes', async () => {
  const { clock, book, writes, wakes, kv } = setUp()
  kv.isAway = true
  expect(await clock.until(book.add({ all: true }))).toMatchObject({ isPublished: false })
  expect(wakes).toEqual([1_005_000])
  kv.isAway = false
  await clock.advance(5_000)
  await clock.until(book.wake())
  expect(writes).toMatchObject([{ list: { floor: 1_000_000 } }])
})

test('a book that begins anew goes on with the list that is stored', async () => {
  const { clock, book, start, writes } = setUp()
  await clock.until(book.add({ tags: ['a'] }))
  await clock.advance(2_000)
  await clock.until(start().add({ tags: ['b'] }))
  expect(writes.at(-1)?.list.purges.map(({ tags }) => tags)).toEqual([['a'], ['b']])
})
