import { expect, test } from 'vitest'
import { Meter } from './meter.ts'

test('one hit counts as its cost in a second', () => {
  const meter = new Meter()
  meter.hit(5, 1_000)
  expect(meter.rate(1_000)).toBe(0.005)
})

test('demand is forgotten: after a second a good third of it is left', () => {
  const meter = new Meter()
  meter.hit(1_000, 1_000)
  expect(meter.rate(2_000)).toBeCloseTo(0.3679, 4)
})

test('a steady hundred a second is measured as that', () => {
  const meter = new Meter()
  for (let now = 0; now < 10_000; now += 10) meter.hit(1, now)
  expect(meter.rate(10_000)).toBeCloseTo(0.1, 2)
})

test('a clock that goes back adds no demand', () => {
  const meter = new Meter()
  meter.hit(1, 5_000)
  expect(meter.rate(1_000)).toBe(0.001)
})
