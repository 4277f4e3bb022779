import { expect, test } from 'vitest'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryVersionUses } from '../../platform/memory/version-uses.ts'

const DAY_MS = 86_400_000
const START = 100 * DAY_MS

const use = { route: 'users', version: 'v1', caller: 'consumer:app', uses: 1 }

function setUp(limits?: { maxRows: number; maxOthers: number; maxLines: number }) {
  const clock = new MemoryClock(START)
  const uses = new MemoryVersionUses(clock, limits)
  return { clock, uses }
}

test('days of one caller are added up, and the last is told', async () => {
  const { clock, uses } = setUp()
  await uses.report({ uses: [{ ...use, uses: 2 }] })
  clock.set(START + DAY_MS + 5)
  await uses.report({ uses: [{ ...use, uses: 3 }] })
  expect(await uses.read(null)).toEqual({
    since: START,
    lines: [{ ...use, uses: 5, lastSeenAt: START + DAY_MS + 5 }],
    isCut: false,
  })
})

test('routes, versions and callers are told apart, the last seen first', async () => {
  const { clock, uses } = setUp()
  await uses.report({ uses: [use] })
  clock.set(START + 1)
  await uses.report({ uses: [{ ...use, version: 'v2' }] })
  clock.set(START + 2)
  await uses.report({ uses: [{ ...use, caller: 'anonymous' }] })
  clock.set(START + 3)
  await uses.report({ uses: [{ ...use, route: 'orders' }] })
  const shown = ({ lines }: Awaited<ReturnType<typeof uses.read>>) =>
    lines.map(({ route, version, caller }) => [route, version, caller])
  expect(shown(await uses.read(null))).toEqual([
    ['orders', 'v1', 'consumer:app'],
    ['users', 'v1', 'anonymous'],
    ['users', 'v2', 'consumer:app'],
    ['users', 'v1', 'consumer:app'],
  ])
  expect(shown(await uses.read('orders'))).toEqual([['orders', 'v1', 'consumer:app']])
})

test('a day is forgotten after ninety', async () => {
  const { clock, uses } = setUp()
  await uses.report({ uses: [use] })
  clock.set(START + 90 * DAY_MS - 1)
  expect((await uses.read(null)).lines).toHaveLength(1)
  clock.set(START + 90 * DAY_MS)
  expect(await uses.read(null)).toEqual({ since: null, lines: [], isCut: false })
})

test('where there is no room a caller counts among others, and known ones go on', async () => {
  const { uses } = setUp({ maxRows: 1, maxOthers: 1, maxLines: 10 })
  for (const caller of ['a', 'b', 'c', 'a']) await uses.report({ uses: [{ ...use, caller }] })
  // No room for the others of another route either.
  await uses.report({ uses: [{ ...use, route: 'orders', caller: 'd' }] })
  const { lines } = await uses.read(null)
  expect(lines.map(({ caller, uses }) => [caller, uses]).sort()).toEqual([
    ['a', 2],
    ['others', 2],
  ])
})

test('more lines than are shown are told of', async () => {
  const { uses } = setUp({ maxRows: 9, maxOthers: 1, maxLines: 1 })
  await uses.report({ uses: [use, { ...use, caller: 'b' }] })
  const { lines, isCut } = await uses.read(null)
  expect([lines.length, isCut]).toEqual([1, true])
})

test('a name of any length is stored cut', async () => {
  const { uses } = setUp()
  await uses.report({ uses: [{ ...use, caller: 'x'.repeat(5_000) }] })
  expect((await uses.read(null)).lines[0]?.caller).toHaveLength(200)
})
