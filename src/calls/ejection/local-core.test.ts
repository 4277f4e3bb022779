import { expect, test } from 'vitest'
import { type EjectionLocal, hearView, recordTry, startLocal } from './local-core.ts'
import type { EjectionRules } from './rules.ts'

const T0 = 1_000_000
const rules: EjectionRules = {
  consecutiveFailures: 3,
  baseMs: 30_000,
  maxMs: 300_000,
  most: 1,
  failurePercent: null,
  successRateStdev: null,
  minimumRequests: 10,
}

function tries(local: EjectionLocal, target: string, ends: string, now = T0): boolean {
  let last = false
  for (const end of ends) last = recordTry(local, { target, failed: end === 'x' }, rules, now)
  return last
}

function isOut(local: EjectionLocal, target: string, now: number): boolean {
  return now < (local.targets.get(target)?.until ?? 0)
}

test('failures in a row eject a target at once, before the fleet hears of it', () => {
  const local = startLocal()
  expect(tries(local, 'a', 'xx')).toBe(false)
  expect(tries(local, 'a', 'x')).toBe(true)
  expect(isOut(local, 'a', T0 + 29_999)).toBe(true)
  expect(isOut(local, 'a', T0 + 30_000)).toBe(false)
  expect(local.untold).toEqual(['a'])
  expect(local.version).toBe(1)
})

test('a success ends the row', () => {
  expect(tries(startLocal(), 'a', 'xx.xx')).toBe(false)
})

test('no more are ejected than the rules allow', () => {
  const local = startLocal()
  tries(local, 'a', 'xxx')
  expect(tries(local, 'b', 'xxxx')).toBe(false)
  expect(tries(local, 'b', 'x', T0 + 30_000)).toBe(true)
})

test('what the fleet ejected is ejected here', () => {
  const local = startLocal()
  hearView(local, { standings: [{ target: 'a', forMs: 10_000, times: 1 }] }, T0)
  expect(isOut(local, 'a', T0 + 9_999)).toBe(true)
  expect(isOut(local, 'a', T0 + 10_000)).toBe(false)
  expect(local.version).toBe(1)
})

test('the same word of the fleet changes nothing', () => {
  const local = startLocal()
  hearView(local, { standings: [{ target: 'a', forMs: 10_000, times: 1 }] }, T0)
  hearView(local, { standings: [{ target: 'a', forMs: 5_100, times: 1 }] }, T0 + 5_000)
  expect(local.version).toBe(1)
})

test('a target that the fleet does not hold out comes back', () => {
  const local = startLocal()
  tries(local, 'a', 'xxx')
  local.untold = []
  hearView(local, { standings: [] }, T0 + 1_000)
  expect(isOut(local, 'a', T0 + 1_001)).toBe(false)
  expect(local.version).toBe(2)
})

test('an ejection that the fleet has not heard of stands', () => {
  const local = startLocal()
  tries(local, 'a', 'xxx', T0 + 50)
  hearView(local, { standings: [] }, T0)
  expect(isOut(local, 'a', T0 + 1_000)).toBe(true)
})

test('an ejection that was not told yet stands, however old the isolate holds it', () => {
  const local = startLocal()
  tries(local, 'a', 'xxx')
  hearView(local, { standings: [{ target: 'a', forMs: -5_000, times: 1 }] }, T0 + 2_000)
  expect(isOut(local, 'a', T0 + 2_001)).toBe(true)
})

test('an ejection of a target that was ejected before lasts longer', () => {
  const local = startLocal()
  hearView(local, { standings: [{ target: 'a', forMs: -1_000, times: 2 }] }, T0)
  tries(local, 'a', 'xxx')
  expect(local.targets.get('a')?.until).toBe(T0 + 90_000)
})

test('failures on their way when the target was ejected do not count afterwards', () => {
  const local = startLocal()
  tries(local, 'a', 'xxx')
  tries(local, 'a', 'xx', T0 + 1)
  expect(tries(local, 'a', 'x', T0 + 30_000)).toBe(false)
})

test('the targets of old tables make room', () => {
  const local = startLocal()
  for (let count = 0; count < 3_000; count += 1) tries(local, `http://t${count}`, 'x')
  expect(local.targets.size).toBe(2_000)
})
