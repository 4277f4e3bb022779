/** Whatever targets there are and however they stand: who may be called, and in which shares. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Algorithm,
  type BalanceView,
  type ChoiceRequest,
  chooseTarget,
} from '../../src/calls/balance/choose-core.ts'
import { makeGauge } from '../../src/calls/balance/gauge-core.ts'
import { hashText } from '../../src/calls/balance/rendezvous-core.ts'
import { makeScratch, type SpreadRules } from '../../src/calls/balance/spread-core.ts'
import { isUsable, type Standing, type TargetView } from '../../src/calls/balance/standing.ts'
import { makeRandom } from '../doubles/tables.ts'

const NOW = 1_000_000
const algorithms: readonly Algorithm[] = [
  'round-robin',
  'least-requests',
  'random',
  'fastest',
  'hash',
]

interface Drawn {
  readonly weight: number
  readonly priority: number
  readonly zone: string | null
  readonly standing: Standing
}

const targets = fc.array(
  fc.record<Drawn>({
    weight: fc.integer({ min: 0, max: 5 }),
    priority: fc.integer({ min: 0, max: 2 }),
    zone: fc.constantFrom(null, 'EU', 'NA', 'AMS'),
    standing: fc.constantFrom<Standing>('usable', 'usable', 'ejected', 'unhealthy', 'draining'),
  }),
  { minLength: 1, maxLength: 12 },
)

const asked = fc.record({
  algorithm: fc.constantFrom(...algorithms),
  panicPercent: fc.constantFrom(0, 30, 50, 100),
  fraction: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  key: fc.option(fc.integer({ min: 0, max: 0xffff_ffff })),
  place: fc.constantFrom(
    { colo: null, continent: null },
    { colo: 'AMS', continent: 'EU' },
    { colo: 'EWR', continent: 'NA' },
  ),
  tried: fc.option(fc.subarray([0, 1, 2, 3])),
})
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never

function viewOf(drawn: readonly Drawn[], { algorithm, panicPercent }: Asked): BalanceView {
  const views = drawn.map(
    (one, index): TargetView => ({
      ...one,
      url: `http://t${index}`,
      until: NOW + 1,
      since: 0,
      gauge: makeGauge(),
    }),
  )
  const rules: SpreadRules = {
    panicPercent,
    slowStartMs: 0,
    levels: [...new Set(drawn.map(({ priority }) => priority))].sort(),
    zoned: drawn.some(({ zone }) => zone !== null),
  }
  return {
    algorithm,
    targets: views,
    rules,
    scratch: makeScratch(views.length, rules),
    credits: views.map(() => 0),
    seeds: views.map(({ url }) => hashText(url)),
  }
}

function requestOf({ fraction, chance, key, place, tried }: Asked): ChoiceRequest {
  return {
    now: NOW,
    fraction,
    ...place,
    tried: tried === null ? null : new Set(tried.map((index) => `http://t${index}`)),
    chance: { fraction: () => chance },
    key,
  }
}

function wasTried({ url }: TargetView, { tried }: ChoiceRequest): boolean {
  return tried?.has(url) ?? false
}

function choose(drawn: readonly Drawn[], given: Asked) {
  const view = viewOf(drawn, given)
  const request = requestOf(given)
  const index = chooseTarget(view, request)
  const present = view.targets.filter(
    ({ weight, standing }) => weight > 0 && standing !== 'draining',
  )
  const usable = present.filter((target) => isUsable(target, NOW))
  const chosen = index === null ? null : (view.targets[index] as TargetView)
  return { chosen, present, usable, request }
}

test('a call is refused only where nothing may be called', () => {
  fc.assert(
    fc.property(targets, asked, (drawn, given) => {
      const { chosen, present, usable } = choose(drawn, given)
      const hopeless = present.length === 0 || (usable.length === 0 && given.panicPercent === 0)
      expect(chosen === null).toBe(hopeless)
    }),
  )
})

test('while enough targets are usable no other is called', () => {
  fc.assert(
    fc.property(targets, asked, (drawn, given) => {
      const { chosen, present, usable } = choose(drawn, given)
      const isEnough = 100 * usable.length >= given.panicPercent * present.length
      if (chosen !== null && isEnough) expect(isUsable(chosen, NOW)).toBe(true)
    }),
  )
})

test('a target that drains or has no weight gets no call, whatever happens to the others', () => {
  fc.assert(
    fc.property(targets, asked, (drawn, given) => {
      const { chosen } = choose(drawn, given)
      if (chosen === null) return
      expect(chosen.standing).not.toBe('draining')
      expect(chosen.weight).toBeGreaterThan(0)
    }),
  )
})

test('a target that was tried is called again only where no other is usable', () => {
  fc.assert(
    fc.property(targets, asked, (drawn, given) => {
      const { chosen, usable, request } = choose(drawn, given)
      const others = usable.filter((target) => !wasTried(target, request))
      if (chosen !== null && others.length > 0) expect(wasTried(chosen, request)).toBe(false)
    }),
  )
})

test('while all of the first priority are usable none of a later one is called', () => {
  fc.assert(
    fc.property(targets, asked, (drawn, given) => {
      const healthy = drawn.map((one) => ({ ...one, standing: 'usable' as const }))
      const { chosen, present } = choose(healthy, { ...given, tried: null })
      if (chosen === null) return
      expect(chosen.priority).toBe(Math.min(...present.map(({ priority }) => priority)))
    }),
  )
})

const seeds = [Date.now() % 1_000_000, 1, 2]

test.each(
  seeds.flatMap((seed) =>
    (['round-robin', 'random', 'least-requests', 'hash'] as const).map(
      (algorithm) => [algorithm, seed] as const,
    ),
  ),
)('%s keeps the shares of the weights while all are idle (seed %d)', (algorithm, seed) => {
  const random = makeRandom(seed)
  const weights = [5, 3, 2]
  const even = { priority: 0, zone: null, standing: 'usable' } as const
  const given: Asked = {
    algorithm,
    panicPercent: 50,
    fraction: 0,
    chance: 0,
    key: null,
    place: { colo: null, continent: null },
    tried: null,
  }
  const view = viewOf(
    weights.map((weight) => ({ ...even, weight })),
    given,
  )
  const counts = [0, 0, 0]
  const CALLS = 10_000
  for (let call = 0; call < CALLS; call += 1) {
    const chance = { fraction: random }
    const key = Math.floor(random() * 0x1_0000_0000)
    counts[chooseTarget(view, { ...requestOf(given), chance, key }) as number]! += 1
  }
  // Six standard deviations of a fair draw of 10,000 are 0.03.
  const off = weights.map((weight, index) => Math.abs(counts[index]! / CALLS - weight / 10))
  expect(Math.max(...off)).toBeLessThan(0.03)
})
