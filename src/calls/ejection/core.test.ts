import { expect, test } from 'vitest'
import type { TargetTally } from '../state/tally.ts'
import { type EjectionState, INTERVAL_MS, report, reset, settle } from './core.ts'
import type { EjectionRules } from './rules.ts'

const T0 = 1_000_000
const rules: EjectionRules = {
  consecutiveFailures: 5,
  baseMs: 30_000,
  maxMs: 300_000,
  most: 1,
  failurePercent: null,
  successRateStdev: null,
  minimumRequests: 10,
}
const nothing: EjectionState = { targets: [], countedSince: T0 }

function tally(target: string, succeeded: number, failed: number, row = failed): TargetTally {
  return { target, succeeded, failed, slow: 0, failuresInRow: row, latencyMs: 10 }
}

function says(
  state: EjectionState,
  tallies: readonly TargetTally[],
  { now = T0, more = {}, ejected = [] as readonly string[] } = {},
) {
  return report(state, { tallies, ejected }, { ...rules, ...more }, now)
}

function outOf({ targets }: EjectionState): readonly string[] {
  return targets.filter(({ ejected }) => ejected).map(({ target }) => target)
}

test('five failures in a row eject a target, and are told', () => {
  const { state, notices } = says(nothing, [tally('a', 0, 5)])
  expect(outOf(state)).toEqual(['a'])
  expect(notices).toEqual([
    {
      notice: 'ejection',
      from: 'usable',
      to: 'ejected',
      reason: 'consecutive-failures',
      forSeconds: 30,
      target: 'a',
    },
  ])
})

test('failures that several isolates saw make one row', () => {
  const first = says(nothing, [tally('a', 0, 3)])
  expect(outOf(first.state)).toEqual([])
  expect(outOf(says(first.state, [tally('a', 0, 2)]).state)).toEqual(['a'])
})

test('a success that any isolate saw ends the row', () => {
  const first = says(nothing, [tally('a', 0, 4)])
  const second = says(first.state, [tally('a', 1, 0)])
  expect(outOf(says(second.state, [tally('a', 0, 4)]).state)).toEqual([])
})

test('a row that began in earlier reports of the isolate counts from the success of this one', () => {
  expect(outOf(says(nothing, [tally('a', 10, 4, 4)]).state)).toEqual([])
})

test('what an isolate ejected itself is ejected for all', () => {
  expect(outOf(says(nothing, [], { ejected: ['a'] }).state)).toEqual(['a'])
})

test('no more are ejected than the rules allow', () => {
  const { state } = says(nothing, [tally('a', 0, 9), tally('b', 0, 9)])
  expect(outOf(state)).toEqual(['a'])
  expect(outOf(says(nothing, [tally('a', 0, 9)], { more: { most: 0 } }).state)).toEqual([])
})

test('a target that had to stay is ejected when there is room', () => {
  const first = says(nothing, [tally('a', 0, 9), tally('b', 0, 9)])
  const later = says(first.state, [tally('b', 0, 1)], { now: T0 + 30_000 })
  expect(outOf(later.state)).toEqual(['b'])
  expect(later.notices.map(({ to }) => to)).toEqual(['usable', 'ejected'])
})

test('calls that were under way when a target was ejected do not eject it again', () => {
  const first = says(nothing, [tally('a', 0, 5)])
  const second = says(first.state, [tally('a', 0, 9)], { now: T0 + 1_000 })
  expect(second.notices).toEqual([])
  const back = says(second.state, [tally('a', 0, 1)], { now: T0 + 30_000 })
  expect(outOf(back.state)).toEqual([])
})

test('each ejection lasts longer than the one before, up to the longest', () => {
  const seconds: (number | null)[] = []
  let state = nothing
  let now = T0
  for (let count = 0; count < 12; count += 1) {
    const change = says(state, [tally('a', 0, 5)], { now })
    const forSeconds = change.notices.at(-1)?.forSeconds ?? 0
    seconds.push(forSeconds)
    state = change.state
    now += 1000 * forSeconds
  }
  expect(seconds).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300])
})

test('with each interval without ejection one that was is forgotten', () => {
  const first = says(nothing, [tally('a', 0, 5)])
  const second = says(first.state, [tally('a', 0, 5)], { now: T0 + 30_000 })
  expect(second.notices.at(-1)?.forSeconds).toBe(60)
  const end = T0 + 90_000
  const soon = says(second.state, [tally('a', 0, 5)], { now: end + INTERVAL_MS })
  const late = says(second.state, [tally('a', 0, 5)], { now: end + 2 * INTERVAL_MS })
  expect([soon, late].map(({ notices }) => notices.at(-1)?.forSeconds)).toEqual([60, 30])
})

test('an ejection that is over is told once', () => {
  const { state } = says(nothing, [tally('a', 0, 5)])
  expect(settle(state, T0 + 29_999).notices).toEqual([])
  const over = settle(state, T0 + 30_000)
  expect(over.notices).toMatchObject([{ from: 'ejected', to: 'usable', reason: 'time-over' }])
  expect(settle(over.state, T0 + 30_001).notices).toEqual([])
})

test('an operator brings all targets back', () => {
  const { state } = says(nothing, [tally('a', 0, 5)])
  const change = reset(state, T0 + 1)
  expect(outOf(change.state)).toEqual([])
  expect(change.notices).toMatchObject([{ to: 'usable', reason: 'reset', target: 'a' }])
})

test('a target that fails too great a share of an interval is ejected at its end', () => {
  const more = { failurePercent: 50, consecutiveFailures: 0 }
  const first = says(nothing, [tally('a', 10, 10, 1), tally('b', 20, 0)], { more })
  expect(outOf(first.state)).toEqual([])
  const second = says(first.state, [], { more, now: T0 + INTERVAL_MS })
  expect(second.notices).toMatchObject([{ target: 'a', reason: 'failure-percent' }])
})

test('a share of too few calls says nothing', () => {
  const more = { failurePercent: 50, consecutiveFailures: 0 }
  const first = says(nothing, [tally('a', 4, 5, 1)], { more })
  expect(says(first.state, [], { more, now: T0 + INTERVAL_MS }).notices).toEqual([])
})

test('each interval counts anew', () => {
  const more = { failurePercent: 50, consecutiveFailures: 0 }
  const first = says(nothing, [tally('a', 5, 4, 1)], { more })
  const second = says(first.state, [], { more, now: T0 + INTERVAL_MS })
  const third = says(second.state, [tally('a', 1, 5, 1)], { more, now: T0 + INTERVAL_MS + 1 })
  expect(says(third.state, [], { more, now: T0 + 2 * INTERVAL_MS }).notices).toEqual([])
})

test('a target far below the others is ejected', () => {
  const more = { successRateStdev: 1.4, consecutiveFailures: 0 }
  const tallies = [tally('a', 60, 40, 1), tally('b', 99, 1), tally('c', 98, 2), tally('d', 100, 0)]
  const first = says(nothing, tallies, { more })
  const second = says(first.state, [], { more, now: T0 + INTERVAL_MS })
  expect(second.notices).toMatchObject([{ target: 'a', reason: 'success-rate' }])
})

test('when all are as bad as each other none is an outlier', () => {
  const more = { successRateStdev: 1.4, consecutiveFailures: 0 }
  const tallies = ['a', 'b', 'c', 'd'].map((target) => tally(target, 50, 50, 1))
  const first = says(nothing, tallies, { more })
  expect(says(first.state, [], { more, now: T0 + INTERVAL_MS }).notices).toEqual([])
})

test('a target that only succeeds and was never ejected is not remembered', () => {
  const first = says(nothing, [tally('a', 10, 0)])
  expect(says(first.state, [], { now: T0 + INTERVAL_MS }).state.targets).toEqual([])
})
