import { expect, test } from 'vitest'
import { CAME, dateAt, makeHead, makeRules } from '../../test/answer-heads.ts'
import { ageOf, readFreshness } from './freshness-core.ts'

function lifetime(
  fields: Readonly<Record<string, string>>,
  rules = makeRules(),
  more: { readonly shared?: boolean; readonly status?: number } = {},
): number {
  const head = makeHead(fields, { status: more.status ?? 200 })
  return readFreshness(head, rules, more.shared ?? true).lifetimeMs / 1000
}

test.each([
  // RFC 9111 §4.2.1, in its order.
  [{ 'cache-control': 'max-age=10, s-maxage=20', expires: dateAt(99) }, 20],
  [{ 'cache-control': 's-maxage=1, max-age=20' }, 1],
  [{ 'cache-control': 'max-age=10', expires: dateAt(99) }, 10],
  [{ 'cache-control': 'max-age=10', expires: '0' }, 10],
  [{ date: dateAt(0), expires: dateAt(99) }, 99],
  [{ date: dateAt(400), expires: dateAt(300) }, 0],
  [{ date: 'foo', expires: dateAt(10) }, 10],
  [{ expires: '0' }, 0],
  [{ expires: `${dateAt(10)}, ${dateAt(11)}` }, 0],
  // What cannot be read counts as stale, and nothing else is asked.
  [{ 'cache-control': 'max-age=x', expires: dateAt(99) }, 0],
  [{ 'cache-control': 's-maxage=x, max-age=10' }, 0],
  // RFC 9213: a targeted field speaks for Cache-Control and Expires.
  [{ 'cdn-cache-control': 'max-age=5', 'cache-control': 'max-age=10', expires: dateAt(99) }, 5],
  [{ 'cdn-cache-control': 'public', expires: dateAt(99) }, 0],
  // §4.2.2: a tenth of the time since it changed, at most a day.
  [{ date: dateAt(0), 'last-modified': dateAt(-1000) }, 100],
  [{ date: dateAt(0), 'last-modified': dateAt(-100_000_000) }, 86_400],
  [{}, 0],
] as const)('%j is fresh for %d s', (fields, seconds) => {
  expect(lifetime(fields)).toBe(seconds)
})

test('s-maxage says nothing to a store of one caller', () => {
  const fields = { 'cache-control': 'max-age=10, s-maxage=20' }
  expect(lifetime(fields, makeRules(), { shared: false })).toBe(10)
})

test.each([
  [200, 100],
  [204, 100],
  [404, 100],
  [201, 0],
  [302, 0],
  [403, 0],
  [502, 0],
  [599, 0],
])('the heuristic gives a %d %d s', (status, seconds) => {
  const fields = { date: dateAt(0), 'last-modified': dateAt(-1000) }
  expect(lifetime(fields, makeRules(), { status })).toBe(seconds)
  const isPublic = { ...fields, 'cache-control': 'public' }
  expect(lifetime(isPublic, makeRules(), { status })).toBe(100)
  expect(lifetime(fields, makeRules({ heuristicPercent: 0 }), { status })).toBe(0)
})

test('the lifetime of the table holds where the service says nothing', () => {
  const rules = makeRules({ ttlSeconds: 30, ttlByStatus: new Map([[404, 5]]) })
  expect(lifetime({}, rules)).toBe(30)
  expect(lifetime({ 'last-modified': dateAt(-1000) }, rules)).toBe(30)
  expect(lifetime({ 'cache-control': 'max-age=1' }, rules)).toBe(1)
  expect(lifetime({}, rules, { status: 404 })).toBe(5)
  expect(lifetime({}, rules, { status: 500 })).toBe(0)
  const listed = makeRules({ ttlSeconds: 30, statuses: new Set([500]) })
  expect(lifetime({}, listed, { status: 500 })).toBe(30)
})

test('an override wins over what the service says', () => {
  const rules = makeRules({ ttlSeconds: 30, override: true })
  const head = makeHead({ 'cache-control': 'no-cache, must-revalidate, max-age=1' })
  expect(readFreshness(head, rules, true)).toMatchObject({
    lifetimeMs: 30_000,
    noCache: false,
    mustRevalidate: false,
  })
})

test.each([
  ['must-revalidate', true, true],
  ['proxy-revalidate', true, false],
  ['s-maxage=1', true, false],
  ['max-age=1', false, false],
])('`%s` forbids stale use in a shared store: %s, in a private one: %s', (field, shared, own) => {
  const head = makeHead({ 'cache-control': field })
  expect(readFreshness(head, makeRules(), true).mustRevalidate).toBe(shared)
  expect(readFreshness(head, makeRules(), false).mustRevalidate).toBe(own)
})

test.each([
  // §4.2.3: the larger of what Date and what Age tell, and the time since.
  [{}, 0, 5],
  [{ age: '7' }, 0, 12],
  [{ date: dateAt(-60) }, 0, 65],
  [{ date: dateAt(-60), age: '100' }, 0, 105],
  [{ date: dateAt(60) }, 0, 5],
  [{ age: '7' }, 2, 14],
  // §5.1: of several the first; no number is nothing; too much is the most.
  [{ age: '7, 0' }, 0, 12],
  [{ age: '0, 7' }, 0, 5],
  [{ age: 'abc' }, 0, 5],
  [{ age: '-7' }, 0, 5],
  [{ age: '7.0' }, 0, 5],
  [{ age: '99999999999999' }, 0, 2_147_483_653],
] as const)('%j that took %d s is, 5 s later, %d s old', (fields, delay, age) => {
  const head = makeHead(fields, { requestedAt: CAME - delay * 1000 })
  expect(ageOf(head, CAME + 5000) / 1000).toBe(age)
})

test('a clock that was set back makes nothing younger', () => {
  expect(ageOf(makeHead({ age: '7' }), CAME - 60_000)).toBe(7000)
})
