import { expect, test } from 'vitest'
import type { TargetTally, UpstreamTally } from '../state/tally.ts'
import { adaptiveLink, HOLDS_MS } from './local.ts'
import { type AdaptiveState, adaptivePart } from './part.ts'
import { adaptiveRules, keyOf } from './rules.ts'
import { noArrivals } from './shares-core.ts'

const rules = adaptiveRules({})
const key = keyOf(rules)
const options = { rules: [rules] }

function tallyOf(target: Partial<TargetTally>): UpstreamTally {
  const whole = { target: 'a', succeeded: 0, failed: 0, slow: 0, failuresInRow: 0, latencyMs: 50 }
  return {
    requests: 0,
    retries: 0,
    targets: [{ ...whole, ...target }],
    failuresInRow: 0,
    retryAfterSeconds: null,
  }
}

function context(now: number) {
  return { options, now, fraction: 0.5, nonce: 'aa' }
}

function hears(state: AdaptiveState, target: Partial<TargetTally>, now: number) {
  const arrived = { ...noArrivals, normal: 60, sheddable: 40 }
  const said = { isolate: 'i', tally: tallyOf(target), word: { arrived } }
  return adaptivePart.exchange(state, said, context(now))
}

/** An upstream that was fast for an interval and then slow for one. */
function slowed() {
  const first = hears(adaptivePart.begin(null, 0), { succeeded: 100 }, 5_000)
  return hears(first.state, { succeeded: 100, latencyMs: 125 }, 10_000)
}

test('nothing is told while all is let through', () => {
  const { view, notices } = hears(adaptivePart.begin(null, 0), { succeeded: 100 }, 5_000)
  expect(view).toEqual({ shares: {} })
  expect(notices).toEqual([])
})

test('an upstream that becomes slow has its least important requests refused, and it is told', () => {
  const { view, notices } = slowed()
  expect(view.shares[key]).toMatchObject({ critical: 1, normal: 1 })
  expect(view.shares[key]?.sheddable).toBeCloseTo(0.5)
  expect(notices).toEqual([
    { notice: 'capacity', from: 'full', to: 'reduced', reason: 'latency', forSeconds: null },
  ])
})

test('when all is let through again it is told once', () => {
  let { state } = slowed()
  const told: unknown[] = []
  for (let now = 15_000; now < 120_000; now += 5_000) {
    const turn = hears(state, { succeeded: 100 }, now)
    state = turn.state
    told.push(...(turn.notices ?? []))
  }
  expect(told).toEqual([
    { notice: 'capacity', from: 'reduced', to: 'full', reason: 'recovered', forSeconds: null },
  ])
})

test('targets weigh by their calls', () => {
  const begun = adaptivePart.begin(null, 0)
  const tally = tallyOf({ succeeded: 90, latencyMs: 50 })
  const both = {
    ...tally,
    targets: [...tally.targets, ...tallyOf({ succeeded: 10, latencyMs: 150 }).targets],
  }
  const said = { isolate: 'i', tally: both, word: null }
  const { state } = adaptivePart.exchange(begun, said, context(5_000))
  expect(state.last?.latencyMs).toBe(60)
})

test('a target that answered nothing tells of failures and not of latency', () => {
  const begun = adaptivePart.begin(null, 0)
  const { state } = hears(begun, { failed: 30, latencyMs: null }, 5_000)
  expect(state.last).toEqual({ latencyMs: null, failedShare: 1 })
})

test('a message without news only asks', () => {
  const { state } = slowed()
  const asked = { isolate: 'j', tally: null, word: null }
  const turn = adaptivePart.exchange(state, asked, context(10_001))
  expect(turn.state).toEqual(state)
  expect(turn.view.shares[key]).toBeDefined()
})

test('each of several rules has its own share', () => {
  const lenient = adaptiveRules({ latencyTolerance: 10 })
  const both = { rules: [rules, lenient] }
  const first = hears(adaptivePart.begin(null, 0), { succeeded: 100 }, 5_000)
  const said = { isolate: 'i', tally: tallyOf({ succeeded: 100, latencyMs: 125 }), word: null }
  const turn = adaptivePart.exchange(first.state, said, { ...context(10_000), options: both })
  expect(Object.keys(turn.view.shares)).toEqual([key])
})

test('rules of tables that are gone do not pile up', () => {
  let state = adaptivePart.begin(null, 0)
  for (let table = 1; table <= 60; table += 1) {
    const own = { rules: [adaptiveRules({ minPercent: table })] }
    const said = { isolate: 'i', tally: tallyOf({ succeeded: 100 }), word: null }
    state = adaptivePart.exchange(state, said, { ...context(5_000 * table), options: own }).state
  }
  expect(Object.keys(state.throttles).length).toBeLessThanOrEqual(17)
})

test('the best latency survives sleep, and wavering writes nothing', () => {
  const { state } = hears(adaptivePart.begin(null, 0), { succeeded: 100, latencyMs: 123 }, 5_000)
  expect(adaptivePart.keep(state)).toEqual({ bestMs: 120 })
  expect(adaptivePart.keep({ ...state, bestMs: 121 })).toEqual({ bestMs: 120 })
  expect(adaptivePart.begin({ bestMs: 120 }, 9).bestMs).toBe(120)
  expect(adaptivePart.keep(adaptivePart.begin(null, 0))).toBeNull()
})

test('operators see what is let through and why', () => {
  expect(adaptivePart.show?.(slowed().state, context(10_000))).toEqual([
    { admittedPercent: 80, latencyMs: 125, bestLatencyMs: 50, failedPercent: 0 },
  ])
})

test('an operator who resets it lets all through, and the best is learnt anew', () => {
  const { state } = slowed()
  const reset = adaptivePart.command?.(state, { kind: 'reset' }, context(11_000))
  expect(reset?.state).toMatchObject({ throttles: {}, bestMs: null })
  const forced = adaptivePart.command?.(state, { kind: 'force', state: 'open' }, context(11_000))
  expect(forced?.state).toBe(state)
})

test('an isolate tells who came, once, and again where its message was lost', () => {
  const local = adaptiveLink.start()
  expect(adaptiveLink.say(local, 0)).toBeNull()
  local.arrived.normal += 3
  const word = adaptiveLink.say(local, 0)
  expect(word).toEqual({ arrived: { critical: 0, normal: 3, sheddable: 0 } })
  expect(adaptiveLink.say(local, 0)).toBeNull()
  local.arrived.normal += 1
  if (word !== null) adaptiveLink.unsay(local, word)
  expect(local.arrived.normal).toBe(4)
})

test('an older word does not take the place of a newer one', () => {
  const local = adaptiveLink.start()
  const shares = { [key]: { critical: 1, normal: 0.5, sheddable: 0 } }
  adaptiveLink.hear(local, { shares }, { options, sentAt: 20, now: 30 })
  adaptiveLink.hear(local, { shares: {} }, { options, sentAt: 10, now: 40 })
  expect(local.shares).toEqual(shares)
  expect(local.until).toBe(30 + HOLDS_MS)
})
