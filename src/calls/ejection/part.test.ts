import { expect, test } from 'vitest'
import type { PartContext } from '../state/part.ts'
import type { UpstreamTally } from '../state/tally.ts'
import { ejectionLink } from './local.ts'
import { ejectionPart } from './part.ts'
import { type EjectionRules, rulesOf } from './rules.ts'

const T0 = 1_000_000

function context(now: number, options = rulesOf({}, 3)): PartContext<EjectionRules> {
  return { options, now, fraction: 0.5, nonce: 'ab' }
}

function failed(target: string, count: number): UpstreamTally {
  const tally = { succeeded: 0, failed: count, slow: 0, failuresInRow: count, latencyMs: null }
  return {
    requests: count,
    retries: 0,
    targets: [{ target, ...tally }],
    failuresInRow: count,
    retryAfterSeconds: null,
  }
}

function ejectedAt(now: number) {
  const said = { isolate: 'i', tally: failed('http://a', 5), word: null }
  return ejectionPart.exchange(ejectionPart.begin(null, now), said, context(now))
}

test('the defaults are those of Envoy, with half of the targets at most', () => {
  expect(rulesOf({}, 3)).toEqual({
    consecutiveFailures: 5,
    baseMs: 30_000,
    maxMs: 300_000,
    most: 1,
    failurePercent: null,
    successRateStdev: null,
    minimumRequests: 50,
  })
})

test('the longest ejection is never shorter than the first', () => {
  expect(rulesOf({ baseSeconds: 600 }, 3).maxMs).toBe(600_000)
  expect(rulesOf({ maxSeconds: 10 }, 3).maxMs).toBe(30_000)
})

test('of one target none is ejected unless all may be', () => {
  expect(rulesOf({}, 1).most).toBe(0)
  expect(rulesOf({ maxPercent: 100 }, 1).most).toBe(1)
})

test('an isolate that reports failures hears of the ejection in the same answer', () => {
  expect(ejectedAt(T0).view).toEqual({
    standings: [{ target: 'http://a', forMs: 30_000, times: 1 }],
  })
})

test('an isolate that begins hears how long ago a target came back', () => {
  const { state } = ejectedAt(T0)
  const asks = { isolate: 'j', tally: null, word: null }
  const { view } = ejectionPart.exchange(state, asks, context(T0 + 40_000))
  expect(view).toEqual({ standings: [{ target: 'http://a', forMs: -10_000, times: 0 }] })
})

test('an ejection survives the sleep of the object, counts do not', () => {
  const { state } = ejectedAt(T0)
  const kept = JSON.parse(JSON.stringify(ejectionPart.keep(state)))
  const asks = { isolate: 'j', tally: null, word: null }
  const { view } = ejectionPart.exchange(ejectionPart.begin(kept, T0 + 9), asks, context(T0 + 10))
  expect(view.standings).toEqual([{ target: 'http://a', forMs: 29_990, times: 1 }])
})

test('an upstream that is well keeps nothing', () => {
  expect(ejectionPart.keep(ejectionPart.begin(null, T0))).toBeNull()
})

test('the object wakes when the ejection is over, and tells it', () => {
  const { state } = ejectedAt(T0)
  expect(ejectionPart.wakeAt?.(state, context(T0))).toBe(T0 + 30_000)
  const woken = ejectionPart.wake?.(state, context(T0 + 30_000))
  expect(woken?.notices).toMatchObject([{ to: 'usable', target: 'http://a' }])
  expect(ejectionPart.wakeAt?.(woken!.state, context(T0 + 30_000))).toBeNull()
})

test('operators see which targets are ejected, and bring them back', () => {
  const { state } = ejectedAt(T0)
  expect(ejectionPart.show?.(state, context(T0 + 1_000))).toEqual([
    { target: 'http://a', ejected: true, forSeconds: 29, ejections: 1 },
  ])
  const turn = ejectionPart.command?.(state, { kind: 'reset' }, context(T0 + 1_000))
  expect(ejectionPart.show?.(turn!.state, context(T0 + 1_000))).toEqual([])
})

test('a word that did not arrive is told again', () => {
  const local = ejectionLink.start()
  for (let count = 0; count < 5; count += 1) {
    const outcome = {
      target: 'http://a',
      failed: true,
      slow: false,
      latencyMs: null,
      retryAfterSeconds: null,
    }
    const learn = { options: rulesOf({}, 3), now: T0, fraction: () => 0.5 }
    expect(ejectionLink.learn?.(local, outcome, learn)).toBe(count === 4)
  }
  const word = ejectionLink.say(local, T0)
  expect(word).toEqual({ ejected: ['http://a'] })
  expect(ejectionLink.say(local, T0)).toBeNull()
  ejectionLink.unsay(local, word!)
  expect(ejectionLink.say(local, T0)).toEqual({ ejected: ['http://a'] })
})
