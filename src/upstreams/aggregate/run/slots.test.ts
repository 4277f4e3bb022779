import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeExchange } from '../../../../test/exchange.ts'
import { settled } from '../../../platform/memory/clock.ts'
import { goesBefore, popShot, pushShot, type Shot } from './schedule.ts'
import { makeSlots, type Release, slotsFor } from './slots.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

const shots = fc.array(
  fc.record({ rank: fc.integer({ min: 1, max: 4 }), index: fc.integer({ min: 0, max: 5 }) }),
  { maxLength: 200 },
)

test(`shots leave the heap in one order, whatever the order in which they came (seed ${seed})`, () => {
  fc.assert(
    fc.property(shots, (given) => {
      const all: Shot[] = given.map((shot, turn) => ({ ...shot, turn }))
      const heap: Shot[] = []
      for (const shot of all) pushShot(heap, shot)
      const left: Shot[] = []
      for (let shot = popShot(heap); shot !== null; shot = popShot(heap)) left.push(shot)
      expect(left).toEqual(all.toSorted((one, other) => (goesBefore(one, other) ? -1 : 1)))
    }),
    { seed },
  )
})

test.each([
  ['the longer chain', { rank: 2, index: 1, turn: 1 }, { rank: 1, index: 0, turn: 0 }],
  [
    'of two alike the first of the table',
    { rank: 1, index: 0, turn: 1 },
    { rank: 1, index: 1, turn: 0 },
  ],
  [
    'of one call the first that asked',
    { rank: 1, index: 0, turn: 0 },
    { rank: 1, index: 0, turn: 1 },
  ],
])('first goes %s', (_what, first, second) => {
  expect(goesBefore(first, second)).toBe(true)
  expect(goesBefore(second, first)).toBe(false)
})

/** Asks, and notes the name when the slot is there. */
function asking(count?: number) {
  const pool = makeSlots(count)
  const taken: string[] = []
  const releases = new Map<string, Release>()
  async function ask(name: string, index = 0, rank = 1): Promise<void> {
    const release = await pool.of(index).take(rank)
    taken.push(name)
    releases.set(name, release)
  }
  return { pool, taken, ask, release: (name: string) => releases.get(name)?.() }
}

test('five have slots at once, and the sixth comes when one is given back', async () => {
  const { taken, ask, release } = asking()
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) ask(name)
  await settled()
  expect(taken).toEqual(['a', 'b', 'c', 'd', 'e'])
  release('c')
  await settled()
  expect(taken).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('a slot that is given back twice is given back once', async () => {
  const { taken, ask, release } = asking(1)
  for (const name of ['a', 'b', 'c']) ask(name)
  await settled()
  release('a')
  release('a')
  await settled()
  expect(taken).toEqual(['a', 'b'])
})

test('of those that wait the longest chain comes first, then the order of the table', async () => {
  const { taken, ask, release } = asking(1)
  ask('first', 9)
  ask('late', 2, 1)
  ask('early', 1, 1)
  ask('long', 3, 3)
  for (const name of ['first', 'long', 'early']) {
    await settled()
    release(name)
  }
  await settled()
  expect(taken).toEqual(['first', 'long', 'early', 'late'])
})

test('when all is called off nobody waits any more, and nobody who comes later', async () => {
  const { pool, taken, ask } = asking(1)
  ask('a')
  ask('b')
  await settled()
  pool.close()
  ask('c')
  await settled()
  expect(taken).toEqual(['a', 'b', 'c'])
})

test('aggregates of one batch have their slots together, and one that is called off takes none', async () => {
  const { ports } = makeExchange()
  const [one, other, third] = [0, 1, 2].map(() => slotsFor({ within: 'b', ports }))
  const held = await Promise.all([1, 2, 3, 4, 5].map(() => one!.of(0).take(1)))
  const taken: string[] = []
  async function ask(name: string, pool: typeof other, rank: number): Promise<void> {
    await pool!.of(0).take(rank)
    taken.push(name)
  }
  void ask('other', other, 2)
  void ask('third', third, 1)
  await settled()
  expect(taken).toEqual([])
  other!.close()
  await settled()
  expect(taken).toEqual(['other'])
  held[0]!()
  await settled()
  expect(taken).toEqual(['other', 'third'])
})

test('aggregates of different requests do not wait for each other', async () => {
  const { ports } = makeExchange()
  for (let taken = 0; taken < 5; taken += 1) await slotsFor({ within: null, ports }).of(0).take(1)
  await slotsFor({ within: null, ports }).of(0).take(1)
})
