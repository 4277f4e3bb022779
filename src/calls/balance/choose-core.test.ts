import { expect, test } from 'vitest'
import {
  type Algorithm,
  type BalanceView,
  type ChoiceRequest,
  chooseTarget,
} from './choose-core.ts'
import { beginCall, makeGauge, measure } from './gauge-core.ts'
import { hashText } from './rendezvous-core.ts'
import { makeScratch } from './spread-core.ts'
import type { TargetView } from './standing.ts'

const NOW = 1_000_000

function target(url: string, more: Partial<TargetView> = {}): TargetView {
  return {
    url,
    weight: 1,
    priority: 0,
    zone: null,
    standing: 'usable',
    until: 0,
    since: 0,
    gauge: makeGauge(),
    ...more,
  }
}

function viewOf(algorithm: Algorithm, targets: readonly TargetView[]): BalanceView {
  const rules = { panicPercent: 50, slowStartMs: 0, levels: [0], zoned: false }
  return {
    algorithm,
    targets,
    rules,
    scratch: makeScratch(targets.length, rules),
    credits: targets.map(() => 0),
    seeds: targets.map(({ url }) => hashText(url)),
  }
}

function request(fractions: readonly number[] = [], key: number | null = null): ChoiceRequest {
  const left = [...fractions]
  return {
    now: NOW,
    fraction: 0,
    colo: null,
    continent: null,
    tried: null,
    chance: { fraction: () => left.shift() ?? 0 },
    key,
  }
}

test('round robin goes round', () => {
  const view = viewOf('round-robin', [target('a'), target('b'), target('c')])
  expect([1, 2, 3, 4].map(() => chooseTarget(view, request()))).toEqual([0, 1, 2, 0])
})

test('random takes the target that owns the fraction', () => {
  const view = viewOf('random', [target('a', { weight: 3 }), target('b')])
  expect([0.74, 0.76].map((at) => chooseTarget(view, request([at])))).toEqual([0, 1])
})

test('of two proposed targets the one with fewer calls in flight is taken', () => {
  const targets = [target('a'), target('b')]
  beginCall(targets[0]!.gauge, NOW)
  const view = viewOf('least-requests', targets)
  expect([0, 0.9].map((at) => chooseTarget(view, request([at, 0])))).toEqual([1, 1])
})

test('idle targets are taken by their weights', () => {
  const view = viewOf('least-requests', [target('a', { weight: 3 }), target('b')])
  expect([0.74, 0.76].map((at) => chooseTarget(view, request([at, 0])))).toEqual([0, 1])
})

test('a target with three times the weight bears three times the calls', () => {
  const targets = [target('a', { weight: 3 }), target('b')]
  const view = viewOf('least-requests', targets)
  for (let count = 0; count < 400; count += 1) {
    const chosen = chooseTarget(view, request([(count * 0.618) % 1, 0])) as number
    beginCall(targets[chosen]!.gauge, NOW)
  }
  expect(targets[0]!.gauge.inFlight).toBeGreaterThanOrEqual(299)
  expect(targets[0]!.gauge.inFlight).toBeLessThanOrEqual(301)
})

test('of two proposed targets the faster one is taken', () => {
  const targets = [target('a'), target('b')]
  measure(targets[0]!.gauge, 200, NOW)
  measure(targets[1]!.gauge, 20, NOW)
  const view = viewOf('fastest', targets)
  expect([0, 0.9].map((at) => chooseTarget(view, request([at, 0])))).toEqual([1, 1])
})

test('the faster one is left alone once its queue takes longer', () => {
  const targets = [target('a'), target('b')]
  measure(targets[0]!.gauge, 100, NOW)
  measure(targets[1]!.gauge, 20, NOW)
  for (let count = 0; count < 5; count += 1) beginCall(targets[1]!.gauge, NOW)
  expect(chooseTarget(viewOf('fastest', targets), request([0.9, 0]))).toBe(0)
})

test('a key stays with its target while another is ejected', () => {
  const targets = [target('a'), target('b'), target('c')]
  const view = viewOf('hash', targets)
  const key = hashText('client-1')
  const chosen = chooseTarget(view, request([], key)) as number
  const other = targets[(chosen + 1) % 3] as TargetView
  other.standing = 'ejected'
  other.until = NOW + 1
  expect(chooseTarget(view, request([], key))).toBe(chosen)
})

test('a key whose target is ejected goes to one other, always the same', () => {
  const targets = [target('a'), target('b'), target('c')]
  const view = viewOf('hash', targets)
  const key = hashText('client-1')
  const first = chooseTarget(view, request([], key)) as number
  Object.assign(targets[first]!, { standing: 'ejected', until: NOW + 1 })
  const picks = new Set([1, 2, 3].map(() => chooseTarget(view, request([], key))))
  expect(picks.size).toBe(1)
  expect(picks.has(first)).toBe(false)
})

test('a request without a key is left to chance', () => {
  const view = viewOf('hash', [target('a'), target('b')])
  expect([0.4, 0.6].map((at) => chooseTarget(view, request([at])))).toEqual([0, 1])
})

test('a single usable target is taken whatever the algorithm', () => {
  const algorithms: readonly Algorithm[] = [
    'round-robin',
    'random',
    'least-requests',
    'fastest',
    'hash',
  ]
  const out = { standing: 'unhealthy' } as const
  for (const algorithm of algorithms) {
    const view = viewOf(algorithm, [target('a', out), target('b')])
    expect(chooseTarget(view, request([0.1, 0.1], 1))).toBe(1)
  }
})
