import { expect, test } from 'vitest'
import { FLOOR_PER_SECOND } from './budget-core.ts'
import { noGrants, share } from './fleet-core.ts'

const asking = (isolate: string, requests = 0) => ({ isolate, requests, percent: 20 })

test('an isolate that is alone has the whole floor from its second report on', () => {
  const budget = noGrants(0)
  expect(share(budget, asking('a'), 0).ratePerSecond).toBe(FLOOR_PER_SECOND / 2)
  expect(share(budget, asking('a'), 5_000).ratePerSecond).toBe(FLOOR_PER_SECOND)
})

test('several have equal parts once each has reported twice', () => {
  const budget = noGrants(0)
  const isolates = ['a', 'b', 'c', 'd']
  for (let now = 0; now < 20_000; now += 5_000) {
    for (const isolate of isolates) share(budget, asking(isolate), now)
  }
  const rates = isolates.map((isolate) => share(budget, asking(isolate), 20_000).ratePerSecond)
  expect(rates).toEqual([2.5, 2.5, 2.5, 2.5])
})

test('what is out never exceeds the floor while isolates come', () => {
  const budget = noGrants(0)
  const rates = new Map<string, number>()
  for (let round = 0; round < 6; round += 1) {
    for (let index = 0; index < 50; index += 1) {
      const now = round * 5_000 + index
      rates.set(`${index}`, share(budget, asking(`${index}`), now).ratePerSecond)
      const out = [...rates.values()].reduce((sum, rate) => sum + rate, 0)
      expect(out).toBeLessThanOrEqual(FLOOR_PER_SECOND + 1e-9)
    }
  }
})

test('an isolate that is gone leaves its part to the others', () => {
  const budget = noGrants(0)
  share(budget, asking('a'), 0)
  share(budget, asking('b'), 0)
  expect(share(budget, asking('a'), 30_000).ratePerSecond).toBe(FLOOR_PER_SECOND / 2)
  expect(share(budget, asking('a'), 35_000).ratePerSecond).toBe(FLOOR_PER_SECOND)
})

test('where the share of the requests is more than the floor there is none to give', () => {
  const budget = noGrants(0)
  let last = share(budget, asking('a'), 0)
  for (let now = 1_000; now <= 25_000; now += 1_000) last = share(budget, asking('a', 100), now)
  expect(last.ratePerSecond).toBe(0)
})

test('where half of the floor is used up by the share the other half is dealt out', () => {
  const budget = noGrants(0)
  let last = share(budget, asking('a'), 0)
  for (let now = 1_000; now <= 30_000; now += 1_000) last = share(budget, asking('a', 25), now)
  expect(last.ratePerSecond).toBeGreaterThan(4.5)
  expect(last.ratePerSecond).toBeLessThan(6)
})
