/** Whether a new upstream is worse than the others. */
import { expect, test } from 'vitest'
import { absorb, beginCanary, type RollbackRules, type SideCounts, worseReason } from './core.ts'

const rules: RollbackRules = {
  errorPercent: 2,
  latencyPercent: 50,
  minimumRequests: 100,
  windowMs: 300_000,
}

const side = (requests: number, failed = 0, meanMs = 100): SideCounts => ({
  requests,
  failed,
  timed: requests - failed,
  timeMs: (requests - failed) * meanMs,
})

test.each([
  ['as well', side(100), side(100), null],
  ['within the margin', side(100, 3), side(100, 1), null],
  ['beyond the margin', side(100, 4), side(100, 1), 'error-rate'],
  ['worse, as the others are too', side(100, 50), side(1_000, 490), null],
  ['better', side(100, 0), side(100, 90), null],
  ['of too few requests', side(99, 99), side(1_000), null],
  ['beside others with too few requests', side(1_000, 1_000), side(99), null],
  ['slower within the margin', side(100, 0, 150), side(100), null],
  ['slower beyond the margin', side(100, 0, 151), side(100), 'latency'],
  ['slower by less than anyone notices', side(100, 0, 6), side(100, 0, 1), null],
  ['slower by more than that', side(100, 0, 7), side(100, 0, 1), 'latency'],
] as const)('a new one that is %s', (_, fresh, others, reason) => {
  expect(worseReason({ fresh, others }, rules)).toBe(reason)
})

test('what the table does not name is not judged', () => {
  const both = { fresh: side(100, 50, 900), others: side(100) }
  expect(worseReason(both, { ...rules, errorPercent: null, latencyPercent: null })).toBeNull()
  expect(worseReason(both, { ...rules, errorPercent: null })).toBe('latency')
  const allFailed = { fresh: side(100, 100), others: side(100) }
  expect(worseReason(allFailed, { ...rules, errorPercent: null })).toBeNull()
})

test('counts are added up over isolates, and it is left once', () => {
  const state = beginCanary()
  expect(absorb(state, { fresh: side(60, 6), others: side(500) }, rules, 1_000)).toBeNull()
  expect(absorb(state, { fresh: side(40, 4), others: side(500) }, rules, 2_000)).toBe('error-rate')
  expect(state.left).toEqual({ at: 2_000, reason: 'error-rate' })
  expect(absorb(state, { fresh: side(40, 40), others: side(500) }, rules, 3_000)).toBeNull()
  expect(state.left?.at).toBe(2_000)
})

test('what is longer ago than the window counts no more', () => {
  const state = beginCanary()
  absorb(state, { fresh: side(99, 99), others: side(500) }, rules, 1_000)
  const later = absorb(state, { fresh: side(99), others: side(500) }, rules, 301_000)
  expect(later).toBeNull()
  expect(state.window).toHaveLength(1)
})

test('the window is bounded, however often isolates tell', () => {
  const state = beginCanary()
  for (let now = 0; now < 3_000_000; now += 1_000) {
    absorb(state, { fresh: side(1), others: side(1) }, rules, now)
  }
  expect(state.window.length).toBeLessThanOrEqual(11)
})
