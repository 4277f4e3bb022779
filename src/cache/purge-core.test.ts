import { expect, test } from 'vitest'
import type { Purge } from './answer.ts'
import {
  makePurgeView,
  noPurgeList,
  normalUrl,
  type PurgeList,
  readPurgeList,
  withPurge,
} from './purge-core.ts'

const entry = {
  generation: 10,
  url: 'https://a.example/p/1?x=1',
  route: 'shop',
  tags: ['t1', 't2'],
}

function listOf(...purges: readonly (readonly [number, Purge])[]): PurgeList {
  return purges.reduce((list, [now, purge]) => withPurge(list, purge, now), noPurgeList)
}

test.each<[string, Purge, boolean]>([
  ['its URL', { urls: ['https://b.example/', 'https://a.example/p/1?x=1'] }, true],
  ['another query', { urls: ['https://a.example/p/1'] }, false],
  ['a longer URL', { urls: ['https://a.example/p/1?x=11'] }, false],
  ['a prefix of its URL', { prefixes: ['https://a.example/p/'] }, true],
  ['its whole URL as prefix', { prefixes: ['https://a.example/p/1?x=1'] }, true],
  ['another prefix', { prefixes: ['https://a.example/q', 'https://a.example/p/2'] }, false],
  ['a prefix that is longer', { prefixes: ['https://a.example/p/1?x=12'] }, false],
  ['the same path of another host', { prefixes: ['https://b.example/p'] }, false],
  ['one of its tags', { tags: ['t0', 't2'] }, true],
  ['a part of a tag', { tags: ['t'] }, false],
  ['its route', { routes: ['shop'] }, true],
  ['another route', { routes: ['shop2'] }, false],
  ['everything', { all: true }, true],
  ['one of several kinds', { urls: ['https://b.example/'], tags: ['t1'] }, true],
])('a purge of %s', (_, purge, purged) => {
  expect(makePurgeView(listOf([20, purge])).isPurged(entry)).toBe(purged)
})

test('an entry is dead only by purges newer than its fill', () => {
  const view = makePurgeView(listOf([20, { tags: ['t1'] }]))
  expect(view.generation).toBe(20)
  expect(view.isPurged({ ...entry, generation: 19 })).toBe(true)
  expect(view.isPurged({ ...entry, generation: 20 })).toBe(false)
})

test('of two purges of one thing the later counts', () => {
  const view = makePurgeView(
    listOf([20, { tags: ['t1'] }], [30, { tags: ['t1'] }], [40, { tags: ['t9'] }]),
  )
  expect(view.isPurged({ ...entry, generation: 25 })).toBe(true)
  expect(view.isPurged({ ...entry, generation: 30 })).toBe(false)
})

test('a name of the prototype is no purge', () => {
  const view = makePurgeView(listOf([20, { tags: ['x'] }]))
  const odd = { ...entry, tags: ['__proto__', 'constructor'], route: 'toString' }
  expect(view.isPurged(odd)).toBe(false)
})

test('numbers go up, whatever the clock does', () => {
  const first = withPurge(noPurgeList, { tags: ['a'] }, 1_000)
  const second = withPurge(first, { tags: ['b'] }, 500)
  const third = withPurge(second, { tags: ['c'] }, 2_000)
  expect([first, second, third].map(({ generation }) => generation)).toEqual([1_000, 1_001, 2_000])
})

test('everything makes the list short', () => {
  expect(listOf([20, { tags: ['a'] }], [30, { all: true }])).toEqual({
    generation: 30,
    floor: 30,
    purges: [],
  })
})

test('a list that is too long purges more, never less', () => {
  let list = noPurgeList
  for (let now = 1; now <= 1_002; now++) list = withPurge(list, { tags: [`t${now}`] }, now)
  expect(list.purges).toHaveLength(1_000)
  expect(list.floor).toBe(2)
  const view = makePurgeView(list)
  // What the forgotten purges matched is dead, and with it what they did not match.
  expect(view.isPurged({ ...entry, generation: 0, tags: ['t1'] })).toBe(true)
  expect(view.isPurged({ ...entry, generation: 1, tags: ['t2'] })).toBe(true)
  expect(view.isPurged({ ...entry, generation: 1, tags: ['other'] })).toBe(true)
  expect(view.isPurged({ ...entry, generation: 2, tags: ['other'] })).toBe(false)
  expect(view.isPurged({ ...entry, generation: 2, tags: ['t3'] })).toBe(true)
})

test('long names make the list as short as it has to be', () => {
  let list = noPurgeList
  const urls = Array.from(
    { length: 30 },
    (_, index) => `https://a.example/${index}${'x'.repeat(2_000)}`,
  )
  for (let now = 1; now <= 10; now++) list = withPurge(list, { urls }, now)
  expect(JSON.stringify(list.purges).length).toBeLessThan(262_144)
  expect(list.purges.length).toBeGreaterThan(1)
  expect(list.floor).toBe(10 - list.purges.length)
})

/** Random purges, and what a list without bounds would say of random entries. */
test('whatever a list that was never shortened matches is matched', () => {
  const seed = Date.now() % 2_147_483_647
  let state = seed
  const below = (most: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % most
  }
  let list = noPurgeList
  const all: [number, string][] = []
  for (let now = 1; now <= 1_500; now++) {
    const tag = `t${below(300)}`
    list = withPurge(list, { tags: [tag] }, now)
    all.push([now, tag])
  }
  const view = makePurgeView(list)
  for (let time = 0; time < 500; time++) {
    const [generation, tag] = [below(1_501), `t${below(400)}`]
    const isMatched = all.some(([number, name]) => number > generation && name === tag)
    const purged = view.isPurged({ ...entry, generation, tags: [tag] })
    if (isMatched) expect(purged, `seed ${seed}`).toBe(true)
    else if (generation >= list.floor) expect(purged, `seed ${seed}`).toBe(false)
  }
})

test.each([
  ['https://A.Example/Path?Q=1', 'https://a.example/Path?Q=1'],
  ['HTTPS://a.example:443/x', 'https://a.example/x'],
  ['http://a.example:80/x', 'http://a.example/x'],
  ['http://a.example:443/x', 'http://a.example:443/x'],
  ['https://a.example.', 'https://a.example/'],
  ['https://a.example?x', 'https://a.example/?x'],
  ['https://[2001:DB8::1]:8443/x', 'https://[2001:db8::1]:8443/x'],
  ['no url', 'no url'],
])('%s is compared as %s', (url, normal) => {
  expect(normalUrl(url)).toBe(normal)
})

test('a URL as a client wrote its host is matched', () => {
  const view = makePurgeView(listOf([20, { urls: ['https://a.example/p/1?x=1'] }]))
  expect(view.isPurged({ ...entry, url: 'https://A.example:443/p/1?x=1' })).toBe(true)
})

test('a list is read back from its text, and what is none is not', () => {
  const list = listOf([20, { tags: ['a'] }])
  expect(readPurgeList(JSON.stringify(list))).toEqual(list)
  for (const text of ['', 'null', '[]', '{"generation":1}', '{"generation":1,"floor":0}']) {
    expect(readPurgeList(text)).toBeNull()
  }
})
