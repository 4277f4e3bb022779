import { expect, test } from 'vitest'
import { isOver, learnBest, open, type Reading, read, step, type Throttle } from './core.ts'
import { adaptiveRules, distinctRules, keyOf } from './rules.ts'

const rules = adaptiveRules({})
const calm: Reading = { latencyMs: 50, failedShare: 0 }

/** What becomes of a throttle after an interval of 5 s that ended at 100 s; the best latency is 50 ms. */
function after(throttle: Throttle, reading: Reading | null, before: Reading | null = calm) {
  return step(throttle, { reading, before, bestMs: 50, ageMs: 5_000, now: 100_000 }, rules)
}

const half: Throttle = { factor: 0.5, ceiling: 0.9, restsUntil: 0, isFound: false }

test('the numbers that a table does not give are those of Envoy', () => {
  expect(rules).toEqual({ least: 0.2, latencyTolerance: 2, errorShare: 0.05 })
})

test('equal rules are one', () => {
  const own = adaptiveRules({ minPercent: 10 })
  expect(keyOf(own)).not.toBe(keyOf(rules))
  expect(distinctRules([rules, own, adaptiveRules({})])).toEqual([rules, own])
})

test.each([
  [{ tries: 20 }, 4_999, false],
  [{ tries: 20 }, 5_000, true],
  [{ tries: 19 }, 5_000, false],
  [{ tries: 0 }, 30_000, true],
])('an interval with %j is over after %d ms: %s', ({ tries }, ageMs, expected) => {
  const measure = { tries, failed: 0, answered: tries, latencySumMs: 0 }
  expect(isOver(measure, ageMs)).toBe(expected)
})

test('few tries say nothing', () => {
  expect(read({ tries: 19, failed: 19, answered: 19, latencySumMs: 19_000 })).toBeNull()
  expect(read({ tries: 20, failed: 5, answered: 20, latencySumMs: 1_000 })).toEqual({
    latencyMs: 50,
    failedShare: 0.25,
  })
})

test('an upstream of which nothing was answered has no latency', () => {
  expect(read({ tries: 20, failed: 20, answered: 0, latencySumMs: 0 })?.latencyMs).toBeNull()
})

test('latency within the tolerance lets all through', () => {
  expect(after(open, { latencyMs: 100, failedShare: 0 })).toEqual({ throttle: open, reason: null })
})

test('latency beyond it lets less through, by the gradient', () => {
  expect(after(open, { latencyMs: 125, failedShare: 0 })).toEqual({
    throttle: { factor: 0.8, ceiling: 1, restsUntil: 105_000, isFound: false },
    reason: 'latency',
  })
})

test('one interval takes no more than half', () => {
  expect(after(open, { latencyMs: 5_000, failedShare: 0 }).throttle.factor).toBe(0.5)
})

test('failures beyond what is tolerated let less through, by what too few succeed', () => {
  expect(after(open, { latencyMs: 50, failedShare: 0.05 }).throttle).toBe(open)
  const { throttle, reason } = after(open, { latencyMs: 50, failedShare: 0.24 })
  expect(throttle.factor).toBeCloseTo(0.8)
  expect(reason).toBe('errors')
})

test('an upstream that answers nothing at all falls as far as one interval may', () => {
  expect(after(open, { latencyMs: null, failedShare: 1 }).throttle.factor).toBe(0.5)
})

test('the least is always let through', () => {
  const low = { ...half, factor: 0.3 }
  expect(after(low, { latencyMs: 5_000, failedShare: 0 }).throttle.factor).toBe(0.2)
  const least = { ...half, factor: 0.2 }
  expect(after(least, { latencyMs: 5_000, failedShare: 0 })).toEqual({
    throttle: least,
    reason: null,
  })
})

test('what was measured before the fall reached all isolates does not count twice', () => {
  const slow = { latencyMs: 500, failedShare: 0 }
  const resting = { ...half, restsUntil: 95_001 }
  expect(after(resting, slow, slow).throttle).toBe(resting)
  const rested = { ...half, restsUntil: 95_000 }
  expect(after(rested, slow, slow).throttle.factor).toBe(0.25)
})

test('a backlog that drains is no reason to fall again', () => {
  const draining = { latencyMs: 300, failedShare: 0 }
  expect(after(half, draining, { latencyMs: 500, failedShare: 0 }).throttle).toBe(half)
  const standing = { latencyMs: 350, failedShare: 0 }
  expect(after(half, draining, standing).throttle.factor).toBe(0.25)
})

test('it comes back little by little', () => {
  expect(after(half, calm).throttle).toMatchObject({ factor: 0.55, isFound: true })
})

test('it comes back by time, also where there is no traffic to measure', () => {
  const finding = { reading: null, before: calm, bestMs: 50, ageMs: 30_000, now: 100_000 }
  expect(step(half, finding, rules).throttle.factor).toBeCloseTo(0.8)
})

test('near where it fell last it comes back with care', () => {
  const near = { ...half, factor: 0.89 }
  expect(after(near, calm).throttle.factor).toBeCloseTo(0.9)
})

test('once it is back it is as if it had never fallen', () => {
  expect(after({ ...half, factor: 0.97, ceiling: 0.6 }, calm).throttle).toBe(open)
})

test('close to the bound it stays', () => {
  expect(after(half, { latencyMs: 95, failedShare: 0 }).throttle).toBe(half)
})

test('where its bound was found a touch costs less than half', () => {
  const found = { ...half, isFound: true }
  expect(after(found, { latencyMs: 500, failedShare: 0 }).throttle.factor).toBeCloseTo(0.35)
})

test('a service of a millisecond is not limited for its third', () => {
  const finding = { reading: { latencyMs: 3, failedShare: 0 }, before: null, bestMs: 1 }
  expect(step(open, { ...finding, ageMs: 5_000, now: 0 }, rules).throttle).toBe(open)
})

test('latency alone counts where all may fail', () => {
  const lenient = adaptiveRules({ errorPercent: 100 })
  const reading = { latencyMs: 50, failedShare: 1 }
  const finding = { reading, before: null, bestMs: 50, ageMs: 5_000, now: 0 }
  expect(step(open, finding, lenient).throttle).toBe(open)
})

test('the best latency falls half the way, and the first is the best so far', () => {
  expect(learnBest(null, calm, 'full', 5_000)).toBe(50)
  expect(learnBest(60, calm, 'full', 5_000)).toBe(55)
  expect(learnBest(60, null, 'full', 5_000)).toBe(60)
})

test('what is slow under load is not taken for the best', () => {
  const slow = { latencyMs: 500, failedShare: 0 }
  expect(learnBest(50, slow, 'between', 3_600_000)).toBe(50)
})

test('a service that became slower for good is not limited for ever', () => {
  const slow = { latencyMs: 500, failedShare: 0 }
  let best: number | null = 50
  for (let at = 0; at < 600_000; at += 5_000) best = learnBest(best, slow, 'least', 5_000)
  expect(best).toBeGreaterThan(250)
  expect(learnBest(50, slow, 'full', 5_000)).toBeLessThan(51)
})
