import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  absorb,
  type BreakerRules,
  type BreakerState,
  closedBreaker,
  force,
  grant,
  open,
  pass,
  rampShare,
  reset,
  settle,
  tripReason,
} from './core.ts'

const rules: BreakerRules = {
  windowMs: 10_000,
  minimumRequests: 20,
  failurePercent: 50,
  consecutiveFailures: null,
  slowPercent: null,
  openMs: 30_000,
  maxOpenMs: 300_000,
  halfOpenProbes: 3,
  rampMs: 0,
}
const calm = { failuresInRow: 0, retryAfterSeconds: null }
const outcomes = (succeeded: number, failed: number, slow = 0) => ({
  ...calm,
  succeeded,
  failed,
  slow,
})

function opened(at = 0, more: Partial<BreakerRules> = {}): BreakerState {
  const state = closedBreaker(0)
  open(state, 'failure-rate', { ...rules, ...more }, { now: at, fraction: 0.5 })
  return state
}

function halfOpen(more: Partial<BreakerRules> = {}): BreakerState {
  const state = opened(0, more)
  pass(state, 30_000)
  return state
}

const tokensOf = (state: BreakerState, count: number, more: Partial<BreakerRules> = {}) =>
  grant(state, { count, expiresAt: 40_000, nonce: 'n' }, { ...rules, ...more })

const ended = (token: string, outcome: 'succeeded' | 'failed' | 'abandoned') => ({
  token,
  outcome,
  retryAfterSeconds: null,
})
const moment = { now: 31_000, fraction: 0.5 }

test('below the minimum volume no share of failures opens it', () => {
  const state = closedBreaker(0)
  absorb(state, outcomes(0, 19), rules, 1000)
  expect(tripReason(state, rules, 1000)).toBeNull()
  absorb(state, outcomes(0, 1), rules, 1000)
  expect(tripReason(state, rules, 1000)).toBe('failure-rate')
})

test('49 failures of 100 do not open it, and 50 do', () => {
  const state = closedBreaker(0)
  absorb(state, outcomes(51, 49), rules, 0)
  expect(tripReason(state, rules, 0)).toBeNull()
  absorb(state, outcomes(0, 2), rules, 0)
  expect(tripReason(state, rules, 0)).toBe('failure-rate')
})

test('a success does not wipe out the failures before it', () => {
  const state = closedBreaker(0)
  absorb(state, outcomes(0, 15), rules, 0)
  absorb(state, outcomes(1, 0), rules, 1)
  absorb(state, outcomes(0, 4), rules, 2)
  expect(tripReason(state, rules, 2)).toBe('failure-rate')
})

test('failures leave the window after its time', () => {
  const state = closedBreaker(0)
  absorb(state, outcomes(0, 19), rules, 0)
  absorb(state, outcomes(19, 1), rules, 9_999)
  expect(tripReason(state, rules, 9_999)).toBe('failure-rate')
  expect(tripReason(state, rules, 10_000)).toBeNull()
})

test('failures in a row open it below the minimum volume', () => {
  const counting = { ...rules, consecutiveFailures: 5 }
  const state = closedBreaker(0)
  absorb(state, outcomes(0, 3), counting, 0)
  absorb(state, outcomes(0, 1), counting, 1)
  expect(tripReason(state, counting, 1)).toBeNull()
  absorb(state, outcomes(0, 1), counting, 2)
  expect(tripReason(state, counting, 2)).toBe('consecutive-failures')
})

test('a success in a report ends the row, but for what came after it', () => {
  const counting = { ...rules, consecutiveFailures: 5 }
  const state = closedBreaker(0)
  absorb(state, outcomes(0, 4), counting, 0)
  absorb(state, { ...outcomes(1, 3), failuresInRow: 2 }, counting, 1)
  expect(state.failuresInRow).toBe(2)
})

test('slow calls open it by their own share, also where they succeed', () => {
  const watching = { ...rules, slowPercent: 80 }
  const state = closedBreaker(0)
  absorb(state, outcomes(20, 0, 15), watching, 0)
  expect(tripReason(state, watching, 0)).toBeNull()
  absorb(state, outcomes(5, 0, 5), watching, 1)
  expect(tripReason(state, watching, 1)).toBe('slow-rate')
})

test.each([0, 0.5, 1])('it stays open at first for exactly its time, at %d', (fraction) => {
  const state = closedBreaker(0)
  const change = open(state, 'failure-rate', rules, { now: 100, fraction })
  expect(change).toEqual({ from: 'closed', to: 'open', reason: 'failure-rate', forMs: 30_000 })
  expect(state.until).toBe(30_100)
})

test.each([
  [0, 54_000],
  [0.5, 60_000],
  [1, 66_000],
])(
  'opened again it stays so twice as long, give or take a tenth: at %d for %d ms',
  (fraction, forMs) => {
    const state = closedBreaker(0)
    open(state, 'failure-rate', rules, { now: 0, fraction: 0.5 })
    expect(open(state, 'probe-failed', rules, { now: 100, fraction }).forMs).toBe(forMs)
    expect(state.until).toBe(100 + forMs)
  },
)

test('each opening without a closing between is twice as long, up to the bound', () => {
  const state = closedBreaker(0)
  const times = [1, 2, 3, 4, 5, 6].map(
    () => open(state, 'probe-failed', rules, { now: 0, fraction: 0.5 }).forMs,
  )
  expect(times).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
})

test('what chance adds goes not beyond the longest time', () => {
  const state = closedBreaker(0)
  state.openings = 10
  expect(open(state, 'probe-failed', rules, { now: 0, fraction: 1 }).forMs).toBe(300_000)
})

test.each([
  [120, 120_000],
  [10, 30_000],
  [100_000, 300_000],
])('a Retry-After of %d seconds keeps it open for %d ms', (retryAfterSeconds, forMs) => {
  const state = closedBreaker(0)
  absorb(state, { ...outcomes(0, 20), retryAfterSeconds }, rules, 0)
  expect(open(state, 'failure-rate', rules, { now: 0, fraction: 0.5 }).forMs).toBe(forMs)
})

test('a Retry-After that is over does not count for the next opening', () => {
  const state = closedBreaker(0)
  absorb(state, { ...outcomes(0, 20), retryAfterSeconds: 60 }, rules, 0)
  open(state, 'failure-rate', rules, { now: 0, fraction: 0.5 })
  expect(open(state, 'probe-failed', rules, { now: 1, fraction: 0.5 }).forMs).toBe(60_000)
})

test('it becomes half-open when its time is over, and not before', () => {
  const state = opened()
  expect(pass(state, 29_999)).toEqual([])
  expect(pass(state, 30_000)).toEqual([
    { from: 'open', to: 'half-open', reason: 'open-time-over', forMs: null },
  ])
})

test('while it is open nothing that was under way counts', () => {
  const state = opened()
  absorb(state, outcomes(0, 100), rules, 1)
  expect([state.window.length, tripReason(state, rules, 1)]).toEqual([0, null])
})

test('open and closed give no permits', () => {
  expect(tokensOf(opened(), 3)).toEqual([])
  expect(tokensOf(closedBreaker(0), 3)).toEqual([])
})

test('half-open gives as many permits as there are probes', () => {
  const state = halfOpen()
  expect(tokensOf(state, 2)).toHaveLength(2)
  expect(tokensOf(state, 2)).toHaveLength(1)
  expect(tokensOf(state, 2)).toEqual([])
})

test('a probe that succeeded is not given again', () => {
  const state = halfOpen()
  const [token = ''] = tokensOf(state, 3)
  settle(state, ended(token, 'succeeded'), rules, moment)
  expect(tokensOf(state, 3)).toEqual([])
})

test('all probes have to succeed to close it', () => {
  const state = halfOpen()
  const tokens = tokensOf(state, 3)
  const changes = tokens.map((token) => settle(state, ended(token, 'succeeded'), rules, moment))
  expect(changes).toEqual([
    [],
    [],
    [{ from: 'half-open', to: 'closed', reason: 'probes-succeeded', forMs: null }],
  ])
  expect(state.openings).toBe(0)
})

test('one failed probe opens it again, for longer', () => {
  const state = halfOpen()
  const [token = ''] = tokensOf(state, 3)
  expect(settle(state, ended(token, 'failed'), rules, moment)).toEqual([
    { from: 'half-open', to: 'open', reason: 'probe-failed', forMs: 60_000 },
  ])
})

test('a probe of the half-open phase before says nothing', () => {
  const state = halfOpen()
  const [first = '', second = ''] = tokensOf(state, 3)
  settle(state, ended(first, 'failed'), rules, moment)
  expect(settle(state, ended(second, 'succeeded'), rules, moment)).toEqual([])
  expect(state.phase).toBe('open')
})

test('a probe that was abandoned comes back', () => {
  const state = halfOpen()
  const [token = ''] = tokensOf(state, 3)
  expect(settle(state, ended(token, 'abandoned'), rules, moment)).toEqual([])
  expect(tokensOf(state, 3)).toHaveLength(1)
})

test('a probe of an isolate that died comes back when it can no longer be under way', () => {
  const state = halfOpen()
  tokensOf(state, 3)
  pass(state, 39_999)
  expect(tokensOf(state, 1)).toEqual([])
  pass(state, 40_000)
  expect(tokensOf(state, 3)).toHaveLength(3)
})

test('with a ramp it closes little by little', () => {
  const ramped = { rampMs: 10_000 }
  const state = halfOpen(ramped)
  const tokens = tokensOf(state, 3)
  for (const token of tokens)
    settle(state, ended(token, 'succeeded'), { ...rules, ...ramped }, moment)
  expect([state.phase, state.until]).toEqual(['ramping', 41_000])
  expect(pass(state, 41_000)).toEqual([
    { from: 'ramping', to: 'closed', reason: 'ramp-over', forMs: null },
  ])
})

test('an opening within the ramp is longer than the one before', () => {
  const ramped = { ...rules, rampMs: 10_000 }
  const state = halfOpen(ramped)
  for (const token of tokensOf(state, 3, ramped))
    settle(state, ended(token, 'succeeded'), ramped, moment)
  absorb(state, outcomes(0, 20), ramped, 32_000)
  expect(tripReason(state, ramped, 32_000)).toBe('failure-rate')
  const reopened = open(state, 'failure-rate', ramped, { now: 32_000, fraction: 0.5 })
  expect([reopened.from, reopened.forMs]).toEqual(['ramping', 60_000])
})

test.each([
  [10_000, 0.05],
  [7_500, 0.25],
  [5_000, 0.5],
  [0, 1],
])('with %d ms of the ramp left %d of the calls go through', (leftMs, share) => {
  expect(rampShare(leftMs, 10_000)).toBe(share)
})

test.each(['open', 'closed'] as const)(
  'what an operator forced %s stays so until it is reset',
  (to) => {
    const state = opened()
    expect(force(state, to, 5)).toEqual([
      { from: 'open', to: `forced-${to}`, reason: 'operator', forMs: null },
    ])
    expect(force(state, to, 6)).toEqual([])
    absorb(state, outcomes(0, 100), rules, 7)
    expect([pass(state, 1_000_000), tripReason(state, rules, 7), tokensOf(state, 1)]).toEqual([
      [],
      null,
      [],
    ])
    expect(reset(state, 8)).toEqual([
      { from: `forced-${to}`, to: 'closed', reason: 'operator', forMs: null },
    ])
  },
)

test('a clock that was set back leaves no slice that never ends', () => {
  const state = closedBreaker(0)
  absorb(state, outcomes(0, 100), rules, 1_000_000)
  absorb(state, outcomes(20, 0), rules, 500_000)
  expect(tripReason(state, rules, 500_000)).toBeNull()
})

test('its state survives JSON', () => {
  const state = halfOpen()
  tokensOf(state, 2)
  expect(JSON.parse(JSON.stringify(state))).toEqual(state)
})

type Act = readonly ['wait', number] | readonly ['ask', number] | readonly ['end', number, number]

test('whatever happens, never more than N probes are under way or have succeeded in one phase', () => {
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.tuple(fc.constant('wait' as const), fc.integer({ min: 0, max: 20_000 })),
    fc.tuple(fc.constant('ask' as const), fc.integer({ min: 1, max: 5 })),
    fc.tuple(
      fc.constant('end' as const),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 2 }),
    ),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (acts, n) => {
      const few = { ...rules, halfOpenProbes: n }
      const state = opened(0, few)
      let now = 30_000
      let serial = 0
      let underWay: { token: string; expiresAt: number }[] = []
      for (const [kind, value, how = 0] of acts) {
        if (kind === 'wait') now += value
        pass(state, now)
        underWay = underWay.filter(({ expiresAt }) => expiresAt > now)
        if (kind === 'ask') {
          serial += 1
          const expiresAt = now + 5_000
          const tokens = grant(state, { count: value, expiresAt, nonce: `n${serial}` }, few)
          underWay.push(...tokens.map((token) => ({ token, expiresAt })))
        }
        if (kind === 'end' && underWay.length > 0) {
          const [one] = underWay.splice(value % underWay.length, 1)
          const outcome = (['succeeded', 'failed', 'abandoned'] as const)[how] ?? 'abandoned'
          const [change] = settle(state, ended(one?.token ?? '', outcome), few, {
            now,
            fraction: 0,
          })
          // Those still under way belong to a phase that is over: they let nothing more through.
          if (change !== undefined) underWay = []
        }
        expect(state.probes.length + state.passed).toBeLessThanOrEqual(n)
        expect(underWay.length).toBeLessThanOrEqual(n)
      }
    }),
  )
})

/** Reports of one isolate or another: how many calls each tells of, and how long after the one before it came. */
const reports = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9_000 })),
  { minLength: 30, maxLength: 60 },
)

test('an upstream that fails at 49 % never opens it, however its calls fall into reports', () => {
  fc.assert(
    fc.property(reports, (told) => {
      const state = closedBreaker(0)
      let now = 0
      for (const [calls, afterMs] of told) {
        now += afterMs
        const failed = Math.floor(calls * 0.49)
        absorb(state, outcomes(calls - failed, failed), rules, now)
        expect(tripReason(state, rules, now)).toBeNull()
      }
    }),
  )
})

test('an upstream that fails at 51 % opens it with the report that reaches the minimum volume', () => {
  fc.assert(
    fc.property(reports, (told) => {
      const state = closedBreaker(0)
      const within: (readonly [at: number, calls: number])[] = []
      let now = 0
      for (const [calls, afterMs] of told) {
        now += afterMs
        const failed = Math.ceil(calls * 0.51)
        absorb(state, outcomes(calls - failed, failed), rules, now)
        within.push([now, calls])
        // A slice leaves as a whole: only what is a tenth younger than the window is in it for certain.
        const surely = within.filter(([at]) => at > now - 9_000)
        const volume = surely.reduce((sum, [, count]) => sum + count, 0)
        if (volume >= 20) expect(tripReason(state, rules, now)).toBe('failure-rate')
      }
    }),
  )
})
