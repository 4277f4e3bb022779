import { expect, test } from 'vitest'
import { MemoryClock } from './clock.ts'
import { KvDouble } from './kv-double.ts'

function setUp(seed = 1) {
  const clock = new MemoryClock(0)
  const kv = new KvDouble({ clock, maxDelayMs: 90_000, seed })
  return { clock, kv, here: kv.at('here'), there: kv.at('there') }
}

test('a write is seen at once where it was made, and everywhere within the delay', async () => {
  const { clock, here, kv } = setUp()
  await here.put('k', 'text', null)
  expect((await here.get('k'))?.text).toBe('text')
  await clock.advance(90_000)
  for (const place of ['a', 'b', 'c']) expect((await kv.at(place).get('k'))?.text).toBe('text')
})

test('locations see a write at different times, the same ones for the same seed', async () => {
  const seenAfter = async (seed: number) => {
    const { clock, here, kv } = setUp(seed)
    await here.put('k', 'old', null)
    await clock.advance(90_000)
    await here.put('k', 'new', null)
    await clock.advance(30_000)
    const places = Array.from({ length: 20 }, (_, index) => kv.at(`place ${index}`))
    return Promise.all(places.map(async (place) => (await place.get('k'))?.text))
  }
  const seen = await seenAfter(7)
  expect(new Set(seen)).toEqual(new Set(['old', 'new']))
  expect(await seenAfter(7)).toEqual(seen)
})

test('a miss is remembered for thirty seconds', async () => {
  const { clock } = setUp()
  const kv = new KvDouble({ clock, maxDelayMs: 0 })
  expect(await kv.at('there').get('k')).toBeNull()
  await kv.at('here').put('k', 'text', null)
  await clock.advance(29_999)
  expect(await kv.at('there').get('k')).toBeNull()
  await clock.advance(1)
  expect(await kv.at('there').get('k')).not.toBeNull()
})

test('a key takes one write a second', async () => {
  const { clock, here } = setUp()
  await here.put('k', '1', null)
  await expect(here.put('k', '2', null)).rejects.toThrow('429')
  await here.put('other', '1', null)
  await clock.advance(1_000)
  await here.put('k', '2', null)
  expect((await here.get('k'))?.text).toBe('2')
})

test('a location lists what it sees by then, and a text ends by itself', async () => {
  const { clock, here, there } = setUp()
  await here.put('k:1', 'text', { n: 1 }, { until: 200_000 })
  const all = { cursor: null, limit: 10 }
  expect((await here.list('k:', all)).entries).toEqual([{ key: 'k:1', metadata: { n: 1 } }])
  await clock.advance(90_000)
  expect((await there.list('k:', all)).entries).toHaveLength(1)
  await clock.advance(110_000)
  expect(await there.get('k:1')).toBeNull()
  expect((await there.list('k:', all)).entries).toEqual([])
})
