/** What chains, mirrors and splits of a table may not say. */
import { expect, test } from 'vitest'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

const target = { targets: ['https://a.example.com'] }
const match = { path: '/*' }

function judge(upstreams: object, route: object = { upstream: 'a' }) {
  const table = { version: 1, upstreams, routes: [{ name: 'only', match, ...route }] }
  const loaded = loadTable(JSON.stringify(table), environmentOf({}))
  const found = loaded.kind === 'loaded' ? [...loaded.warnings, ...loaded.lacks] : loaded.problems
  return found.map(({ pointer, code, severity }) => `${severity} ${code} ${pointer}`)
}

const to = (upstream: string) => ({ ...target, fallback: [{ upstream }] })

test('a chain that ends is fine, and so is a mirror of itself', () => {
  const a = { ...to('b'), mirror: { upstream: 'a', percent: 1 } }
  expect(judge({ a, b: to('c'), c: target })).toEqual([])
})

test('a chain that comes back is told at each of its entries', () => {
  expect(judge({ a: to('b'), b: to('c'), c: to('a') })).toEqual([
    'form FALLBACK_CYCLE /upstreams/a/fallback/0/upstream',
    'form FALLBACK_CYCLE /upstreams/b/fallback/0/upstream',
    'form FALLBACK_CYCLE /upstreams/c/fallback/0/upstream',
  ])
  expect(judge({ a: to('a') })).toEqual(['form FALLBACK_CYCLE /upstreams/a/fallback/0/upstream'])
  // Who leads into a cycle is not part of it.
  expect(judge({ a: to('b'), b: to('b') })).toEqual([
    'form FALLBACK_CYCLE /upstreams/b/fallback/0/upstream',
  ])
})

test('upstreams that are named must be there, those of routes included', () => {
  const mirror = [
    { upstream: 'a', percent: 1 },
    { upstream: 'y', percent: 1 },
  ]
  expect(judge({ a: { ...to('x'), mirror } })).toEqual([
    'form UPSTREAM_UNKNOWN /upstreams/a/fallback/0/upstream',
    'form UPSTREAM_UNKNOWN /upstreams/a/mirror/1/upstream',
  ])
  const inline = { upstream: { ...target, mirror: { upstream: 'z', percent: 1 } } }
  expect(judge({ a: target }, inline)).toEqual([
    'form UPSTREAM_UNKNOWN /routes/0/upstream/mirror/upstream',
  ])
})

test('a fixed answer has one body, and what follows it is never reached', () => {
  const fallback = [{ respond: { status: 200, body: 'a', json: {} } }]
  expect(judge({ a: { ...target, fallback } })).toEqual([
    'form BODY_AMBIGUOUS /upstreams/a/fallback/0/respond/json',
  ])
  const after = [{ respond: { status: 200 } }, { upstream: 'b' }]
  expect(judge({ a: { ...target, fallback: after }, b: target })).toEqual([
    'warning FALLBACK_UNREACHED /upstreams/a/fallback/1',
  ])
})

test('a stale answer is warned of as long as nothing keeps answers', () => {
  expect(judge({ a: { ...target, fallback: [{ stale: true }] } })).toEqual([
    'warning FALLBACK_STALE_IGNORED /upstreams/a/fallback/0/stale',
  ])
  const cached = { upstream: 'a', policies: [{ use: 'cache' }] }
  expect(judge({ a: { ...target, fallback: [{ stale: true }] } }, cached)).toEqual([])
})

test.each([
  [{ upstream: 'a', percent: 101 }, '/percent'],
  [{ upstream: 'a', percent: 1, compare: { ignore: ['/a'] } }, '/compare/ignore'],
  [{ upstream: 'a', percent: 1, compare: { json: true, ignore: ['a'] } }, '/compare/ignore/0'],
])('the mirror %j is refused', (mirror, place) => {
  const found = judge({ a: { ...target, mirror } })
  expect(found.map((line) => line.split(' ')[2])).toEqual([`/upstreams/a/mirror${place}`])
})

const list = [
  { upstream: 'a', weight: 1 },
  { upstream: 'b', weight: 1 },
]
const both = { a: target, b: target }
const splitOf = (split: object, upstream: unknown = list) => judge(both, { upstream, split })
const ramp = { overSeconds: 60, startAt: '2026-01-01T00:00:00Z' }

test('a split stands beside a list of different upstreams', () => {
  const sticky = { hash: ['client.ip'] }
  expect(splitOf({ sticky })).toEqual([])
  expect(splitOf({ sticky }, 'a')).toEqual(['form SPLIT_WITHOUT_LIST /routes/0/split'])
  const twice = [...list, { upstream: 'a', weight: 2 }]
  expect(splitOf({ sticky }, twice)).toEqual(['form SPLIT_REPEATED /routes/0/upstream/2/upstream'])
})

test('a split names upstreams of its list', () => {
  const header = { name: 'x-v', values: { one: 'a', two: 'c' } }
  expect(splitOf({ header, new: 'd', ramp })).toEqual([
    'form SPLIT_STRANGER /routes/0/split/header/values/two',
    'form SPLIT_STRANGER /routes/0/split/new',
  ])
  expect(splitOf({ new: 'a', ramp }, [{ upstream: 'a', weight: 1 }])).toEqual([
    'form SPLIT_ALONE /routes/0/split/new',
  ])
})

test.each([
  [{}, '/routes/0/split'],
  [{ ramp }, '/routes/0/split/ramp'],
  [{ rollback: { errorPercent: 1 } }, '/routes/0/split/rollback'],
  [{ new: 'a', sticky: { hash: ['client.ip'] } }, '/routes/0/split/new'],
  [{ new: 'a', rollback: {} }, '/routes/0/split/rollback'],
  [
    { new: 'a', ramp: { ...ramp, startAt: '2026-02-30T00:00:00Z' } },
    '/routes/0/split/ramp/startAt',
  ],
  [{ new: 'a', ramp: { ...ramp, startAt: 'noon' } }, '/routes/0/split/ramp/startAt'],
  [{ sticky: { hash: ['client.shoe'] } }, '/routes/0/split/sticky/hash/0'],
])('the split %j is refused', (split, place) => {
  expect(splitOf(split).map((line) => line.split(' ')[2])).toEqual([place])
})
