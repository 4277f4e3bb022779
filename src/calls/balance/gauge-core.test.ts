import { expect, test } from 'vitest'
import {
  beginCall,
  costOf,
  endCall,
  inFlightOf,
  makeGauge,
  measure,
  measureFailure,
} from './gauge-core.ts'

test('a call counts from when it begins until it ends', () => {
  const gauge = makeGauge()
  const first = beginCall(gauge, 1_000)
  beginCall(gauge, 1_001)
  expect(inFlightOf(gauge, 1_002)).toBe(2)
  endCall(gauge, first, 1_003)
  expect(inFlightOf(gauge, 1_004)).toBe(1)
})

test('a call of the period before still counts, and counts down', () => {
  const gauge = makeGauge()
  const period = beginCall(gauge, 29_999)
  expect(inFlightOf(gauge, 30_001)).toBe(1)
  endCall(gauge, period, 30_002)
  expect(inFlightOf(gauge, 30_003)).toBe(0)
})

test('a call whose client left is forgotten after two periods', () => {
  const gauge = makeGauge()
  const period = beginCall(gauge, 0)
  expect(inFlightOf(gauge, 59_999)).toBe(1)
  expect(inFlightOf(gauge, 60_000)).toBe(0)
  beginCall(gauge, 60_001)
  endCall(gauge, period, 60_002)
  expect(inFlightOf(gauge, 60_003)).toBe(1)
})

test('latency rises at once and falls little by little', () => {
  const gauge = makeGauge()
  measure(gauge, 10, 0)
  measure(gauge, 100, 1)
  expect(gauge.latencyMs).toBe(100)
  measure(gauge, 10, 10_001)
  expect(gauge.latencyMs).toBeCloseTo(10 + 90 / Math.E)
})

test('a target that refuses at once is no fast one', () => {
  const gauge = makeGauge()
  measureFailure(gauge, 1, 0)
  expect(gauge.latencyMs).toBe(1_000)
  measureFailure(gauge, 1, 0)
  expect(gauge.latencyMs).toBe(2_000)
})

test('what was measured long ago is believed less, so that a slow target is tried again', () => {
  const gauge = makeGauge()
  measure(gauge, 400, 0)
  expect(costOf(gauge, 0)).toBe(400)
  expect(costOf(gauge, 60_000)).toBeLessThan(1)
})

test('calls in flight stand in front of the next one', () => {
  const gauge = makeGauge()
  measure(gauge, 20, 0)
  beginCall(gauge, 0)
  beginCall(gauge, 0)
  expect(costOf(gauge, 0)).toBe(60)
})

test('of a target that is not measured yet one call finds out', () => {
  const gauge = makeGauge()
  expect(costOf(gauge, 0)).toBe(0)
  beginCall(gauge, 0)
  expect(costOf(gauge, 0)).toBeGreaterThan(10_000)
})
