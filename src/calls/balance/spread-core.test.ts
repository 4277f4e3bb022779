import { expect, test } from 'vitest'
import { makeGauge } from './gauge-core.ts'
import { makeScratch, type SpreadRules, spread } from './spread-core.ts'
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

const out = { standing: 'ejected', until: NOW + 1 } as const
const plain: SpreadRules = { panicPercent: 50, slowStartMs: 0, levels: [0], zoned: false }

interface Asked {
  readonly fraction?: number
  readonly colo?: string
  readonly continent?: string
  readonly tried?: readonly string[]
}

/** The shares; null where no target may be called. */
function sharesOf(
  targets: readonly TargetView[],
  rules: Partial<SpreadRules> = {},
  asked: Asked = {},
): readonly number[] | null {
  const all = { ...plain, ...rules }
  const scratch = makeScratch(targets.length, all)
  const { fraction = 0, colo = null, continent = null, tried } = asked
  const call = {
    now: NOW,
    fraction,
    colo,
    continent,
    tried: tried === undefined ? null : new Set(tried),
  }
  return spread(targets, all, call, scratch) ? scratch.shares : null
}

test('each target has its weight', () => {
  expect(sharesOf([target('a', { weight: 3 }), target('b')])).toEqual([3, 1])
})

test('an ejected target has no share until its time is over', () => {
  const targets = [target('a'), target('b', out), target('c')]
  expect(sharesOf(targets)).toEqual([1, 0, 1])
  targets[1]!.until = NOW
  expect(sharesOf(targets)).toEqual([1, 1, 1])
})

test('an unhealthy and a draining target have no share', () => {
  const targets = [
    target('a', { standing: 'unhealthy' }),
    target('b'),
    target('c', { standing: 'draining' }),
  ]
  expect(sharesOf(targets)).toEqual([0, 1, 0])
})

test('below the panic threshold all are used again, but for those that drain', () => {
  const targets = [
    target('a', out),
    target('b', out),
    target('c'),
    target('d', { standing: 'draining' }),
  ]
  expect(sharesOf(targets)).toEqual([1, 1, 1, 0])
  expect(sharesOf(targets, { panicPercent: 33 })).toEqual([0, 0, 1, 0])
})

test('at the threshold itself nothing panics', () => {
  expect(sharesOf([target('a', out), target('b')])).toEqual([0, 1])
})

test('without a panic threshold nobody calls what is not usable', () => {
  expect(sharesOf([target('a', out), target('b', out)], { panicPercent: 0 })).toBeNull()
})

test('a weight of 0 takes no part, in panic either', () => {
  expect(sharesOf([target('a', out), target('b', { weight: 0 })])).toEqual([1, 0])
})

test('the next priority takes what the first cannot carry', () => {
  const levels = [0, 1]
  const targets = [
    target('a'),
    target('b', out),
    target('c', { priority: 1 }),
    target('d', { priority: 1 }),
  ]
  // One of two carries 70 % (1.4 × 50 %).
  expect(sharesOf(targets, { levels }, { fraction: 0.69 })).toEqual([1, 0, 0, 0])
  expect(sharesOf(targets, { levels }, { fraction: 0.71 })).toEqual([0, 0, 1, 1])
})

test('a priority of which three in four are usable keeps its calls', () => {
  const levels = [0, 1]
  const targets = [
    target('a'),
    target('b'),
    target('c'),
    target('d', out),
    target('e', { priority: 1 }),
  ]
  expect(sharesOf(targets, { levels }, { fraction: 0.999 })).toEqual([1, 1, 1, 0, 0])
})

test('a priority without usable targets hands all on, and nothing panics while the next can carry it', () => {
  const targets = [target('a', out), target('b', out), target('c', { priority: 7 })]
  expect(sharesOf(targets, { levels: [0, 7] }, { fraction: 0 })).toEqual([0, 0, 1])
})

test('in panic the first priority takes all calls', () => {
  const targets = [target('a', out), target('b', out), target('c', { priority: 1, ...out })]
  expect(sharesOf(targets, { levels: [0, 1] }, { fraction: 0.99 })).toEqual([1, 1, 0])
})

test('what all priorities together cannot carry is spread over them', () => {
  const three = (priority: number) => [
    target(`a${priority}`, { priority }),
    target(`b${priority}`, { priority, ...out }),
    target(`c${priority}`, { priority, ...out }),
  ]
  const targets = [...three(0), ...three(1)]
  const rules = { levels: [0, 1], panicPercent: 0 }
  // Each carries 47 %: half of what is carried.
  expect(sharesOf(targets, rules, { fraction: 0.49 })).toEqual([1, 0, 0, 0, 0, 0])
  expect(sharesOf(targets, rules, { fraction: 0.51 })).toEqual([0, 0, 0, 1, 0, 0])
})

const zones = [
  target('ams', { zone: 'AMS' }),
  target('eu', { zone: 'EU' }),
  target('na', { zone: 'NA' }),
  target('any'),
]

test('the colo of the client comes first, then its continent and anywhere, then the rest', () => {
  const ask = (colo: string, continent: string) =>
    sharesOf(zones, { zoned: true }, { colo, continent })
  expect(ask('AMS', 'EU')).toEqual([1, 0, 0, 0])
  expect(ask('FRA', 'EU')).toEqual([0, 1, 0, 1])
  expect(ask('EWR', 'NA')).toEqual([0, 0, 1, 1])
})

test('the nearest that is ejected hands its calls on, and another continent comes last', () => {
  const targets = [
    target('ams', { zone: 'AMS', ...out }),
    target('eu', { zone: 'EU' }),
    target('na', { zone: 'NA' }),
  ]
  expect(sharesOf(targets, { zoned: true }, { colo: 'AMS', continent: 'EU' })).toEqual([0, 1, 0])
})

test('a place that no target is at is served by all', () => {
  const targets = [target('eu', { zone: 'EU' }), target('na', { zone: 'NA' })]
  expect(sharesOf(targets, { zoned: true })).toEqual([1, 1])
})

test('a retry goes to another target while one is usable', () => {
  const targets = [target('a'), target('b'), target('c', out)]
  expect(sharesOf(targets, {}, { tried: ['a'] })).toEqual([0, 1, 0])
})

test('a retry goes to the next priority before it goes to the same target again', () => {
  const targets = [target('a'), target('b', { priority: 1 })]
  expect(sharesOf(targets, { levels: [0, 1] }, { tried: ['a'] })).toEqual([0, 1])
})

test('a retry goes to the same target when there is no other', () => {
  expect(sharesOf([target('a'), target('b', out)], {}, { tried: ['a'] })).toEqual([1, 0])
})

test('a target that came back gets its share little by little', () => {
  const rules = { slowStartMs: 30_000 }
  const back = (agoMs: number) =>
    sharesOf([target('a'), target('b', { standing: 'ejected', until: NOW - agoMs })], rules)?.[1]
  expect([0, 15_000, 30_000, 90_000].map(back)).toEqual([0.1, 0.5, 1, 1])
})

test('a target that is new gets its share little by little, one that was always here has it', () => {
  const shares = sharesOf([target('a', { since: NOW - 6_000 }), target('b')], {
    slowStartMs: 30_000,
  })
  expect(shares).toEqual([0.2, 1])
})
