import { expect, test } from 'vitest'
import type { Entry } from '../state/part.ts'
import {
  absorb,
  adopt,
  backoffMs,
  begin,
  type DiscoveryState,
  deregister,
  nextWake,
  type Reading,
  register,
  settle,
  touch,
} from './core.ts'
import type { DiscoverRules } from './rules.ts'

const T0 = 1_200_000
const rules: DiscoverRules = {
  source: { kind: 'http', url: 'http://list', token: null },
  key: 'k1',
  registration: true,
  refreshMs: 30_000,
  watch: false,
}
const watching: DiscoverRules = { ...rules, watch: true }

const entry = (url: string): Entry => ({ url, weight: 1, priority: 0, zone: null, draining: false })
const listed = (
  urls: readonly string[],
  more: Partial<Reading & { kind: 'list' }> = {},
): Reading => ({
  kind: 'list',
  entries: urls.map(entry),
  refused: 0,
  cursor: null,
  ttlMs: null,
  ...more,
})
const start = () => adopt(begin(null), rules)

function take(state: DiscoveryState, reading: Reading, given = rules, now = T0, startedAt = now) {
  return absorb(state, { reading, startedAt }, given, { now, fraction: 1 })
}
const urls = ({ entries }: DiscoveryState) => entries.map(({ url }) => url)

test('a list is kept, told target by target, and read again after the interval', () => {
  const { state, notices } = take(start(), listed(['http://b', 'http://a']))
  expect(urls(state)).toEqual(['http://a', 'http://b'])
  expect(state.nextAt).toBe(T0 + 30_000)
  expect(notices.map(({ from, to, target }) => [from, to, target])).toEqual([
    ['absent', 'listed', 'http://a'],
    ['absent', 'listed', 'http://b'],
  ])
})

test('a list that changes altogether is one notice', () => {
  const many = Array.from({ length: 11 }, (_, index) => `http://a${index}`)
  expect(take(start(), listed(many)).notices).toMatchObject([
    { from: '0 targets', to: '11 targets' },
  ])
})

test('the same list again changes nothing, and has the same name', () => {
  const first = take(start(), listed(['http://a'])).state
  const again = take(first, listed(['http://a']))
  expect(again.notices).toEqual([])
  expect(again.state.version).toBe(first.version)
  expect(take(first, listed(['http://b'])).state.version).not.toBe(first.version)
})

test.each([
  [60_000, 30_000],
  [10_000, 10_000],
  [1_000, 5_000],
])('records with a TTL of %d ms are asked for after %d ms', (ttlMs, afterMs) => {
  expect(take(start(), listed(['http://a'], { ttlMs })).state.nextAt).toBe(T0 + afterMs)
})

test('a source that is watched is asked again at once, but once a second at most', () => {
  const cursor = '7'
  const quick = take(start(), listed(['http://a'], { cursor }), watching)
  expect([quick.state.cursor, quick.state.nextAt]).toEqual(['7', T0 + 1_000])
  const waited = take(start(), listed(['http://a'], { cursor }), watching, T0, T0 - 20_000)
  expect(waited.state.nextAt).toBe(T0)
  const cannot = take(start(), listed(['http://a']), watching)
  expect(cannot.state.nextAt).toBe(T0 + 30_000)
})

test('while the source fails the last good list stays, and it is asked later and later', () => {
  let { state } = take(start(), listed(['http://a'], { cursor: '7' }), watching)
  const waits: number[] = []
  const told: string[] = []
  for (let failure = 1; failure <= 8; failure += 1) {
    const failed = take(state, { kind: 'failed', reason: 'source-timeout' })
    state = failed.state
    waits.push(state.nextAt - T0)
    told.push(...failed.notices.map(({ to, reason }) => `${to} ${reason}`))
  }
  expect(urls(state)).toEqual(['http://a'])
  expect(state.cursor).toBeNull()
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  expect(told).toEqual(['failing source-timeout'])
  const back = take(state, listed(['http://a']))
  expect([back.state.failures, back.state.error]).toEqual([0, null])
  expect(back.notices).toMatchObject([{ from: 'failing', to: 'answering' }])
})

test('a pause after failures lies between half of its length and all', () => {
  expect([backoffMs(1, 0), backoffMs(1, 1), backoffMs(100, 0), backoffMs(100, 1)]).toEqual([
    500, 1_000, 30_000, 60_000,
  ])
})

test('an empty list is a list', () => {
  const { state } = take(start(), listed(['http://a']))
  expect(urls(take(state, listed([])).state)).toEqual([])
})

test('a target is there until its lease is over, unless it renews it', () => {
  const lease = (until: number) => ({ entry: entry('http://r'), until })
  const made = register(start(), lease(T0 + 10_000), T0)
  expect(made.notices).toMatchObject([{ to: 'listed', reason: 'registered', target: 'http://r' }])
  const renewed = register(made.state, lease(T0 + 20_000), T0 + 9_000)
  expect(renewed.notices).toEqual([])
  expect(settle(renewed.state, T0 + 10_000).state).toBe(renewed.state)
  const over = settle(renewed.state, T0 + 20_000)
  expect([urls(over.state), over.notices[0]?.reason]).toEqual([[], 'lease-over'])
  expect(urls(deregister(made.state, 'http://r', T0).state)).toEqual([])
})

test('what a target says of itself wins over what the source lists', () => {
  const { state } = take(start(), listed(['http://a']))
  const own = { ...entry('http://a'), weight: 9 }
  const merged = register(state, { entry: own, until: T0 + 1 }, T0).state
  expect(merged.entries).toEqual([own])
})

test('the source is asked until ten minutes after the last report', () => {
  const fresh = start()
  expect(nextWake(fresh, rules)).toBeNull()
  const active = touch(fresh, T0)
  expect(nextWake(active, rules)).toBe(0)
  expect(active.activeUntil).toBe(T0 + 600_000)
  // In whole minutes, so that reports write once a minute at most.
  expect(touch(active, T0 + 30_000).activeUntil).toBe(T0 + 660_000)
  expect(touch(active, T0 + 30_000)).toEqual(touch(active, T0 + 59_000))
  expect(nextWake({ ...active, nextAt: T0 + 600_000 }, rules)).toBeNull()
})

test('a lease that ends wakes the object although nobody reports', () => {
  const { state } = register(start(), { entry: entry('http://r'), until: T0 + 10_000 }, T0)
  expect(nextWake(state, rules)).toBe(T0 + 10_000)
})

test('a restart begins with the last good list, and asks at once', () => {
  const before = touch(take(start(), listed(['http://a'], { cursor: '7' })).state, T0)
  const { key, list, leases, activeUntil } = before
  const after = begin(JSON.parse(JSON.stringify({ key, list, leases, activeUntil })))
  expect([urls(after), after.version, after.cursor, nextWake(after, rules)]).toEqual([
    ['http://a'],
    before.version,
    null,
    0,
  ])
})

test('a table with another source knows nothing of the list, and the first table still does', () => {
  const { state } = take(start(), listed(['http://a'], { cursor: '7' }))
  const other = adopt(state, { ...rules, key: 'k2' })
  expect([other.list, urls(other), other.cursor]).toEqual([null, [], null])
  const back = adopt(other, rules)
  expect([urls(back), back.cursor]).toEqual([['http://a'], '7'])
  let many = state
  for (const key of ['k2', 'k3', 'k4', 'k5', 'k6']) many = adopt(many, { ...rules, key })
  expect(many.others).toHaveLength(3)
})
