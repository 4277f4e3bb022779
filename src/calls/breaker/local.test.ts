import { expect, test } from 'vitest'
import type { Outcome } from '../state/tally.ts'
import type { BreakerRules } from './core.ts'
import { breakerLink, concludeProbe, decide, type LocalBreaker } from './local.ts'
import type { BreakerView } from './part.ts'

const rules: BreakerRules = {
  windowMs: 10_000,
  minimumRequests: 4,
  failurePercent: 50,
  consecutiveFailures: 3,
  slowPercent: null,
  openMs: 10_000,
  maxOpenMs: 60_000,
  halfOpenProbes: 1,
  rampMs: 10_000,
}
const closed: BreakerView = { phase: 'closed', forced: null, era: 0, forMs: null, tokens: [] }
const openFor = (forMs: number): BreakerView => ({ ...closed, phase: 'open', forMs })
const failure: Outcome = {
  target: 'http://a',
  failed: true,
  slow: false,
  latencyMs: null,
  retryAfterSeconds: null,
}
const success: Outcome = { ...failure, failed: false, latencyMs: 3 }

function hear(local: LocalBreaker, view: BreakerView, now: number, sentAt = now): void {
  breakerLink.hear(local, view, { options: rules, sentAt, now })
}
function learn(local: LocalBreaker, outcome: Outcome, now: number, options = rules) {
  return breakerLink.learn?.(local, outcome, { options, now, fraction: () => 0.5 })
}
const ask = (
  local: LocalBreaker,
  now: number,
  more: { fraction?: number; isDenying?: boolean } = {},
) => decide(local, rules, { now, fraction: 0.5, isDenying: false, nonce: () => 'n', ...more })
const kindAt = (local: LocalBreaker, now: number) => ask(local, now).kind

test('an isolate that knows nothing lets calls pass', () => {
  expect(kindAt(breakerLink.start(), 0)).toBe('passed')
})

test('an isolate that knows nothing asks first where a fault denies', () => {
  expect(ask(breakerLink.start(), 0, { isDenying: true }).kind).toBe('ask')
})

test('what was closed stays so, whatever the age of the word', () => {
  const local = breakerLink.start()
  hear(local, closed, 0)
  expect(kindAt(local, 1_000_000_000)).toBe('passed')
})

test('what the fleet found open is refused until the time is over, and then asked for', () => {
  const local = breakerLink.start()
  hear(local, openFor(5_000), 100)
  expect(ask(local, 600)).toEqual({ kind: 'refused', retryAfterMs: 4_500 })
  expect(kindAt(local, 5_100)).toBe('ask')
})

test('a permit lets one call through', () => {
  const local = breakerLink.start()
  hear(local, { ...closed, phase: 'half-open', forMs: 1_000, tokens: ['t'] }, 0)
  expect(ask(local, 10)).toEqual({ kind: 'probe', token: 't' })
  expect(kindAt(local, 10)).toBe('refused')
})

test('a permit that came too late is not spent, and goes back', () => {
  const local = breakerLink.start()
  hear(local, { ...closed, phase: 'half-open', forMs: 1_000, tokens: ['t'] }, 2_500, 0)
  expect(kindAt(local, 2_500)).toBe('refused')
  expect(breakerLink.say(local, 2_600)?.probes).toEqual([
    { token: 't', outcome: 'abandoned', retryAfterSeconds: null },
  ])
})

test('how a probe ended is said once', () => {
  const local = breakerLink.start()
  hear(local, closed, 0)
  const moment = { now: 0, fraction: 0.5 }
  const probe = { token: 't', outcome: 'succeeded', retryAfterSeconds: null } as const
  expect(concludeProbe(local, probe, rules, moment)).toBe(true)
  expect(breakerLink.say(local, 0)?.probes).toEqual([probe])
  expect(breakerLink.say(local, 0)?.probes).toEqual([])
})

test('a word that did not arrive is said again', () => {
  const local = breakerLink.start()
  hear(local, closed, 0)
  const probe = { token: 't', outcome: 'failed', retryAfterSeconds: 7 } as const
  concludeProbe(local, probe, rules, { now: 0, fraction: 0.5 })
  const word = breakerLink.say(local, 0)
  if (word !== null) breakerLink.unsay(local, word)
  expect(breakerLink.say(local, 0)?.probes).toEqual([probe])
})

test('failures in a row open the own breaker before the fleet says anything', () => {
  const local = breakerLink.start()
  hear(local, closed, 0)
  expect([learn(local, failure, 1), learn(local, failure, 2), learn(local, failure, 3)]).toEqual([
    false,
    false,
    true,
  ])
  expect(ask(local, 3)).toEqual({ kind: 'refused', retryAfterMs: 10_000 })
})

test('what the fleet says to that is law', () => {
  const local = breakerLink.start()
  for (const now of [1, 2, 3]) learn(local, failure, now)
  hear(local, closed, 10, 3)
  expect(kindAt(local, 10)).toBe('passed')
})

test('a word that was asked for before the failures closes nothing', () => {
  const local = breakerLink.start()
  for (const now of [1, 2, 3]) learn(local, failure, now)
  hear(local, closed, 10, 2)
  expect(kindAt(local, 10)).toBe('refused')
})

test('the share of failures in one isolate is not judged there while the fleet can be asked', () => {
  const local = breakerLink.start()
  const { consecutiveFailures: _, ...rest } = rules
  const shares = { ...rest, consecutiveFailures: null }
  for (const now of [1, 2, 3, 4, 5]) expect(learn(local, failure, now, shares)).toBe(false)
  expect(kindAt(local, 5)).toBe('passed')
})

test('the share of failures in one isolate opens its own breaker where the object is away', () => {
  const local = breakerLink.start()
  const shares = { ...rules, consecutiveFailures: null }
  breakerLink.missed?.(local, 0)
  expect([1, 2, 3, 4].map((now) => learn(local, failure, now, shares))).toEqual([
    false,
    false,
    false,
    true,
  ])
})

test('without its object an isolate probes by itself, and closes again', () => {
  const local = breakerLink.start()
  for (const now of [1, 2, 3]) learn(local, failure, now)
  breakerLink.missed?.(local, 3)
  const decision = ask(local, 10_003)
  expect(decision.kind).toBe('probe')
  expect(kindAt(local, 10_003)).toBe('refused')
  const token = decision.kind === 'probe' ? decision.token : ''
  const probe = { token, outcome: 'succeeded', retryAfterSeconds: null } as const
  // Nothing that the object would know of.
  expect(concludeProbe(local, probe, rules, { now: 10_010, fraction: 0.5 })).toBe(false)
  expect(kindAt(local, 20_010)).toBe('passed')
})

test('while the object is away an open time that is over leaves the own view', () => {
  const local = breakerLink.start()
  hear(local, openFor(1_000), 0)
  breakerLink.missed?.(local, 1_000)
  expect(kindAt(local, 1_001)).toBe('passed')
  expect(ask(local, 1_001, { isDenying: true }).kind).toBe('ask')
  // It is tried again after a while.
  expect(kindAt(local, 6_000)).toBe('ask')
})

test('what an operator forced stands above the own view', () => {
  const local = breakerLink.start()
  hear(local, { ...closed, forced: 'closed' }, 0)
  for (const now of [1, 2, 3]) expect(learn(local, failure, now)).toBe(false)
  expect(kindAt(local, 3)).toBe('passed')
  hear(local, { ...closed, forced: 'open' }, 4)
  expect(ask(local, 5)).toEqual({ kind: 'refused', retryAfterMs: 5_000 })
})

test.each([
  [0.1, 'passed'],
  [0.3, 'refused'],
])('while it ramps up a call of fraction %d is %s at a quarter of the ramp', (fraction, kind) => {
  const local = breakerLink.start()
  hear(local, { ...closed, phase: 'ramping', forMs: 10_000 }, 0)
  expect(ask(local, 2_500, { fraction }).kind).toBe(kind)
  expect(ask(local, 10_000, { fraction }).kind).toBe('passed')
})

test('an older word does not take the place of a newer one', () => {
  const local = breakerLink.start()
  hear(local, openFor(5_000), 20, 10)
  hear(local, closed, 30, 5)
  expect(kindAt(local, 30)).toBe('refused')
})

test('a success is no reason to open', () => {
  const local = breakerLink.start()
  breakerLink.missed?.(local, 0)
  for (const now of [1, 2]) learn(local, failure, now)
  expect([learn(local, success, 3), learn(local, success, 4)]).toEqual([false, false])
})
