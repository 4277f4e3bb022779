/**
 * Leases under everything that goes wrong, in virtual time: the production pocket and book, judged in exact
 * arithmetic. No admission above the bound in any interval, and no isolate holds what its account does not have.
 */
import { expect, test } from 'vitest'
import { makeRandom } from '../doubles/tables.ts'
import { poisson } from './leases/arrivals.ts'
import { chaosWire, type LoadCase, loadCases } from './leases/cases.ts'
import { randomQuota, randomSetting } from './leases/random-settings.ts'
import { calmSetting, type Setting } from './leases/setting.ts'
import { World } from './leases/world.ts'

// What the issue and the design leave room for: half as many calls again as were measured with their model.
const CALLS_ROOM = 1.5
// Losses, deaths, restarts and refunds are not said exactly there, so their calls may be twice as many.
const CHAOS_ROOM = 2

const fresh = Date.now() % 1_000_000

function settingOf({ shape, arrivals, durationMs, chaos }: LoadCase): Setting {
  const calm = { ...calmSetting, shape, arrivals, durationMs }
  if (!chaos) return calm
  const trouble = { refunds: 0.03, refundAfterMs: 50, deathEveryMs: 4500, restartEveryMs: 12_000 }
  return { ...calm, ...trouble, wire: chaosWire }
}

function expectSound(world: World): void {
  expect(world.unaccounted).toEqual([])
  expect(world.excess()).toBeLessThanOrEqual(0)
}

test.each(loadCases)('$title', (one) => {
  const world = new World(settingOf(one), 1).run()
  expectSound(world)
  const room = one.chaos ? CHAOS_ROOM : CALLS_ROOM
  const callsPerAdmitted = world.object.calls / world.admissions.total
  expect(callsPerAdmitted).toBeLessThanOrEqual(room * one.callsPerAdmitted)
  if (one.steadyPercent === null) return
  expect(world.steadyPercent()).toBeGreaterThanOrEqual(one.steadyPercent)
})

test('a hot key of 1000 requests a second on 8 isolates costs at most 0.02 calls an admission', () => {
  const shape = { kind: 'rate', limit: 2000, windowMs: 1000, burst: 2000 } as const
  const arrivals = Array.from({ length: 8 }, () => () => poisson(125))
  const world = new World({ ...calmSetting, shape, arrivals, durationMs: 60_000 }, 1).run()
  expectSound(world)
  expect(world.admissions.total).toBe(world.requests)
  expect(world.object.calls / world.admissions.total).toBeLessThanOrEqual(0.02)
})

test('a refused flood costs at most 0.001 calls a request', () => {
  const shape = { kind: 'rate', limit: 5, windowMs: 60_000, burst: 5 } as const
  const arrivals = Array.from({ length: 8 }, () => () => poisson(500))
  const world = new World({ ...calmSetting, shape, arrivals, durationMs: 60_000 }, 1).run()
  expectSound(world)
  expect(world.object.calls / world.requests).toBeLessThanOrEqual(0.001)
})

// Each is many settings: delays of 5-400 ms, losses, calls that come twice or late, overload, deaths, restarts with an
// older instance beside, clocks that step, refunds, costs above 1.
const batches = [fresh, ...Array.from({ length: 7 }, (_, index) => 1_000_000 + index * 1000)]

test.each(batches)(
  'nothing is admitted above a rate (settings from seed %i)',
  (first) => {
    for (let seed = first; seed < first + 30; seed++) {
      const world = new World(randomSetting(makeRandom(seed), 2000), seed).run()
      expect({ seed, unaccounted: world.unaccounted }).toEqual({ seed, unaccounted: [] })
      expect(Math.max(0, world.excess()), `seed ${seed}`).toBe(0)
    }
  },
  30_000,
)

test.each(batches)(
  'nothing is admitted above a quota (settings from seed %i)',
  (first) => {
    for (let seed = first; seed < first + 30; seed++) {
      const random = makeRandom(seed)
      const world = new World(randomSetting(random, 1500, randomQuota(random)), seed).run()
      expect({ seed, unaccounted: world.unaccounted }).toEqual({ seed, unaccounted: [] })
      expect(Math.max(0, world.excess()), `seed ${seed}`).toBe(0)
    }
  },
  30_000,
)

test('what isolates hold after a restart is never more than was announced before', () => {
  const seen: number[] = []
  for (let seed = 1; seed <= 20; seed++) {
    const setting = { ...randomSetting(makeRandom(seed), 2000), restartEveryMs: 1500, overlapMs: 0 }
    const world = new World(setting, seed)
    world.onRestart = (held, announced) => {
      seen.push(held)
      expect(held, `seed ${seed}`).toBeLessThanOrEqual(announced)
    }
    world.run()
  }
  expect(Math.max(...seen)).toBeGreaterThan(10)
})

test('a period of a quota gives all that it has, over restarts and losses', () => {
  const random = makeRandom(1)
  const shape = { kind: 'quota', limit: 600, period: { per: 'minute' } } as const
  const setting: Setting = {
    ...randomSetting(random, 1500, shape),
    arrivals: randomSetting(random, 1500, shape).arrivals.slice(0, 5),
    durationMs: 600_000,
    startsAt: 60_000_000,
    deathEveryMs: Number.POSITIVE_INFINITY,
    restartEveryMs: 7000,
    overlapMs: 0,
    refunds: 0,
    mostCost: 1,
  }
  const world = new World(setting, 1).run()
  expectSound(world)
  expect(world.admissions.total).toBeGreaterThan(0.9 * Math.min(world.requests, 10 * 600))
})
