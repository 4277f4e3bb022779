/** A fleet in front of a service that slows under load: what is let through settles near what the service can take. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adaptiveLink } from '../../src/calls/adaptive/local.ts'
import { adaptivePart } from '../../src/calls/adaptive/part.ts'
import { adaptiveRules, keyOf } from '../../src/calls/adaptive/rules.ts'
import { priorities } from '../../src/calls/adaptive/shares-core.ts'

const STEP_MS = 100
const REPORT_EVERY_MS = 5_000
const CAPACITY = 100 // requests a second
const BASE_MS = 50
const TIMEOUT_MS = 2_000
const OVERLOAD_FROM_MS = 30_000
const OVERLOAD_TO_MS = 330_000
const END_MS = 600_000
const CALM_RATE = 60

const options = { rules: [adaptiveRules({})] }
const key = keyOf(options.rules[0]!)
/** A fifth of what comes is critical: what the least of 20 % has room for. */
const mix = { critical: 0.2, normal: 0.5, sheddable: 0.3 }

interface Case {
  readonly seed: number
  readonly isolates: number
  /** Requests a second during the overload. */
  readonly offered: number
}

interface Moment {
  readonly at: number
  readonly admittedRate: number
  readonly latencyMs: number
  readonly shares: Readonly<Record<(typeof priorities)[number], number>>
}

/** A stream of numbers from 0 to 1 that a seed names (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One isolate: what it knows of the upstream, and what its calls came to since its last report. */
function makeIsolate(reportsAt: number) {
  return {
    local: adaptiveLink.start(),
    reportsAt,
    succeeded: 0,
    failed: 0,
    latencySumMs: 0,
  }
}

type Isolate = ReturnType<typeof makeIsolate>

function shareOf({ local }: Isolate, name: (typeof priorities)[number], now: number): number {
  return now < local.until ? (local.shares[key]?.[name] ?? 1) : 1
}

function simulate({ seed, isolates, offered }: Case): readonly Moment[] {
  const random = randomOf(seed)
  const fleet = Array.from({ length: isolates }, () => makeIsolate(REPORT_EVERY_MS * random()))
  const moments: Moment[] = []
  let state = adaptivePart.begin(null, 0)
  let backlog = 0

  /** Lets what is admitted reach the service, and gives how many of it each isolate sent. */
  function arrive(rate: number, now: number) {
    const came = { critical: 0, normal: 0, sheddable: 0 }
    const passed = { critical: 0, normal: 0, sheddable: 0 }
    const sent = fleet.map((isolate) => {
      let own = 0
      for (const name of priorities) {
        const count = ((rate * STEP_MS) / 1000 / isolates) * mix[name] * (0.5 + random())
        isolate.local.arrived[name] += count
        const admitted = count * shareOf(isolate, name, now)
        came[name] += count
        passed[name] += admitted
        own += admitted
      }
      return own
    })
    const shares = {
      critical: passed.critical / came.critical,
      normal: passed.normal / came.normal,
      sheddable: passed.sheddable / came.sheddable,
    }
    return { sent, shares }
  }

  function report(index: number, isolate: Isolate, now: number): void {
    const { succeeded, failed, latencySumMs } = isolate
    const latencyMs = succeeded === 0 ? null : latencySumMs / succeeded
    const target = { target: 'a', slow: 0, failuresInRow: 0, succeeded, failed, latencyMs }
    const tally = {
      requests: 0,
      retries: 0,
      failuresInRow: 0,
      retryAfterSeconds: null,
      targets: [target],
    }
    const word = adaptiveLink.say(isolate.local, now)
    const said = { isolate: String(index), tally, word }
    const turn = adaptivePart.exchange(state, said, { options, now, fraction: 0.5, nonce: '' })
    state = turn.state
    adaptiveLink.hear(isolate.local, turn.view, { options, sentAt: now, now })
    Object.assign(isolate, { succeeded: 0, failed: 0, latencySumMs: 0 })
    isolate.reportsAt = now + REPORT_EVERY_MS
  }

  for (let now = 0; now < END_MS; now += STEP_MS) {
    const isOverload = now >= OVERLOAD_FROM_MS && now < OVERLOAD_TO_MS
    const { sent, shares } = arrive(isOverload ? offered : CALM_RATE, now)
    const admitted = sent.reduce((sum, count) => sum + count, 0)
    const served = (CAPACITY * STEP_MS) / 1000
    // Who waits for longer than the timeout is gone.
    backlog = Math.min(Math.max(0, backlog + admitted - served), (CAPACITY * TIMEOUT_MS) / 1000)
    const busy = Math.min(1, admitted / served)
    const latencyMs = BASE_MS * (1 + 0.6 * busy ** 4) + (backlog / CAPACITY) * 1000
    const failedShare = latencyMs >= TIMEOUT_MS ? 1 - served / Math.max(served, admitted) : 0
    for (const [index, isolate] of fleet.entries()) {
      const own = sent[index] ?? 0
      isolate.succeeded += own * (1 - failedShare)
      isolate.failed += own * failedShare
      isolate.latencySumMs += latencyMs * own * (1 - failedShare)
      if (now >= isolate.reportsAt) report(index, isolate, now)
    }
    moments.push({ at: now, admittedRate: (admitted * 1000) / STEP_MS, latencyMs, shares })
  }
  return moments
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer(),
  isolates: fc.constantFrom(1, 8, 50),
  offered: fc.constantFrom(150, 200, 300),
})

test('an overloaded service settles near its knee, and critical requests do not notice', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const moments = simulate(given)
      // The first minute finds the bound.
      const settled = moments.filter(
        ({ at }) => at >= OVERLOAD_FROM_MS + 60_000 && at < OVERLOAD_TO_MS,
      )
      const rate = mean(settled.map(({ admittedRate }) => admittedRate))
      expect(rate).toBeGreaterThan(0.65 * CAPACITY)
      expect(rate).toBeLessThan(1.05 * CAPACITY)
      const quick = settled.filter(({ latencyMs }) => latencyMs <= 4 * BASE_MS)
      expect(quick.length / settled.length).toBeGreaterThan(0.7)
      const critical = moments.map(({ shares }) => shares.critical)
      expect(Math.min(...critical)).toBeGreaterThan(0.9)
      expect(mean(critical)).toBeGreaterThan(0.995)
      const sheddable = mean(settled.map(({ shares }) => shares.sheddable))
      expect(sheddable).toBeLessThan(0.4)
      expect(sheddable).toBeLessThan(mean(settled.map(({ shares }) => shares.normal)))
    }),
    { numRuns: 15 },
  )
})

test('when the overload is over all are let through again', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const last = simulate(given).filter(({ at }) => at >= OVERLOAD_TO_MS + 200_000)
      expect(Math.min(...last.map(({ shares }) => shares.sheddable))).toBe(1)
    }),
    { numRuns: 5 },
  )
})

test('a service that keeps up has nobody refused', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(1, 8, 50), (seed, isolates) => {
      const moments = simulate({ seed, isolates, offered: 85 })
      expect(moments.every(({ shares }) => shares.sheddable > 0.999)).toBe(true)
    }),
    { numRuns: 5 },
  )
})
