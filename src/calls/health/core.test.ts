import { expect, test } from 'vitest'
import {
  absorb,
  begin,
  type HealthState,
  hear,
  isVouchedFor,
  jittered,
  list,
  nextRound,
  reset,
  touch,
} from './core.ts'
import { type HealthRules, healthRules } from './rules.ts'

const T0 = 1_200_000
const rules = healthRules({
  path: '/health',
  intervalSeconds: 10,
  unhealthyAfter: 3,
  healthyAfter: 2,
})
const probesAlone: HealthRules = { ...rules, trust: 'probes' }

const start = (targets = ['http://a', 'http://b']) =>
  list(touch(begin(null), T0), { targets, listName: 1 }, T0)

function round(state: HealthState, result: string, given = probesAlone, now = T0) {
  const results = [{ target: 'http://a', result }]
  return absorb(state, { results, startedAt: now }, given, { now, fraction: 0.5 })
}

/** Whether the target is unhealthy after each of these probes. */
function run(results: readonly string[], given = probesAlone): readonly boolean[] {
  let state = start()
  return results.map((result) => {
    state = round(state, result, given).state
    return state.records[0]?.unhealthy ?? false
  })
}

const tally = (succeeded: number, failed: number) => ({
  target: 'http://a',
  succeeded,
  failed,
  slow: 0,
  failuresInRow: 0,
  latencyMs: null,
})

test('a target is healthy until three probes in a row failed, and again after two that succeed', () => {
  expect(run(['timeout', 'timeout', 'ok', 'timeout', 'timeout', 'timeout'])).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ])
  expect(run(['timeout', 'timeout', 'timeout', 'ok', 'timeout', 'ok', 'ok'])).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
    false,
  ])
})

test('each change is told with its reason', () => {
  let state = start()
  const told: (string | undefined)[][] = []
  for (const result of ['status-500', 'status-500', 'timeout', 'ok', 'ok']) {
    const turn = round(state, result)
    state = turn.state
    told.push(...turn.notices.map(({ from, to, reason, target }) => [from, to, reason, target]))
  }
  expect(told).toEqual([
    ['healthy', 'unhealthy', 'probe-timeout', 'http://a'],
    ['unhealthy', 'healthy', 'probes-succeeded', 'http://a'],
  ])
})

test('a target that real calls find well is not removed by probes alone', () => {
  let state = hear(start(), [tally(9, 1)], T0)
  for (const result of ['timeout', 'timeout', 'timeout']) state = round(state, result, rules).state
  expect(state.records[0]).toMatchObject({ failing: true, unhealthy: false })
  // As soon as calls fail too, or there are none.
  const failing = hear(state, [tally(1, 9)], T0)
  expect(round(failing, 'timeout', rules).state.records[0]?.unhealthy).toBe(true)
  expect(round(state, 'timeout', rules, T0 + 30_001).state.records[0]?.unhealthy).toBe(true)
  expect(round(state, 'timeout', probesAlone).state.records[0]?.unhealthy).toBe(true)
})

test('a good word of real calls holds for half a minute, or for three intervals', () => {
  const slow = { ...rules, intervalMs: 60_000 }
  expect(isVouchedFor({ goodAt: T0 }, rules, T0 + 30_000)).toBe(true)
  expect(isVouchedFor({ goodAt: T0 }, rules, T0 + 30_001)).toBe(false)
  expect(isVouchedFor({ goodAt: T0 }, slow, T0 + 180_000)).toBe(true)
  expect(isVouchedFor({ goodAt: null }, rules, T0)).toBe(false)
})

test('the next round is an interval after the last began, give or take a tenth', () => {
  expect([jittered(10_000, 0), jittered(10_000, 0.5), jittered(10_000, 1)]).toEqual([
    9_000, 10_000, 11_000,
  ])
  const results = ['http://a', 'http://b'].map((target) => ({ target, result: 'ok' }))
  const late = absorb(start(), { results, startedAt: T0 }, rules, {
    now: T0 + 2_000,
    fraction: 0.5,
  })
  expect(late.state.nextAt).toBe(T0 + 10_000)
  const later = absorb(start(), { results, startedAt: T0 }, rules, {
    now: T0 + 20_000,
    fraction: 0.5,
  })
  expect(later.state.nextAt).toBe(T0 + 20_000)
})

test('a target that is new is probed at once, also one that came while a round ran', () => {
  const state = { ...start(['http://a']), nextAt: T0 + 9_000 }
  const grown = list(state, { targets: ['http://a', 'http://c'], listName: 2 }, T0)
  expect(grown.nextAt).toBe(T0)
  expect(round(grown, 'ok').state.nextAt).toBe(T0)
})

test('a target that left and came back within a minute is known still', () => {
  let state = start()
  for (const result of ['timeout', 'timeout', 'timeout']) state = round(state, result).state
  const without = list(state, { targets: ['http://b'], listName: 2 }, T0)
  const soon = list(without, { targets: ['http://a', 'http://b'], listName: 1 }, T0 + 59_999)
  expect(soon.records.find(({ target }) => target === 'http://a')?.unhealthy).toBe(true)
  const gone = list(without, { targets: ['http://b'], listName: 2 }, T0 + 60_000)
  const late = list(gone, { targets: ['http://a', 'http://b'], listName: 1 }, T0 + 60_001)
  expect(late.records.find(({ target }) => target === 'http://a')?.unhealthy).toBe(false)
})

test('targets are probed until ten minutes after the last report', () => {
  const state = start()
  expect(nextRound(state)).toBe(0)
  expect(nextRound({ ...state, nextAt: T0 + 599_999 })).toBe(T0 + 599_999)
  expect(nextRound({ ...state, nextAt: T0 + 600_000 })).toBeNull()
  expect(nextRound({ ...state, targets: [] })).toBeNull()
})

test('a restart remembers who was unhealthy, and probes at once', () => {
  const kept = {
    targets: ['http://a', 'http://b'],
    listName: 1,
    activeUntil: T0,
    unhealthy: ['http://b'],
  }
  const state = begin(kept)
  expect(state.records.map(({ unhealthy }) => unhealthy)).toEqual([false, true])
  expect(nextRound(state)).toBe(0)
})

test('an operator brings all targets back', () => {
  let state = start()
  for (const result of ['timeout', 'timeout', 'timeout']) state = round(state, result).state
  const { state: after, notices } = reset(state)
  expect(notices).toMatchObject([{ to: 'healthy', reason: 'reset', target: 'http://a' }])
  expect(after.records.some(({ unhealthy }) => unhealthy)).toBe(false)
})
