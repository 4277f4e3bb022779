/** What `split` of a table means. */
import { expect, test } from 'vitest'
import { rampRules, rollbackRules } from './rules.ts'

test('defaults are in place', () => {
  expect(rampRules({ ramp: { overSeconds: 60, startAt: '2026-01-01T00:00:00Z' } })).toEqual({
    fromPercent: 0,
    toPercent: 100,
    steps: 10,
    overMs: 60_000,
    startAt: Date.UTC(2026, 0, 1),
  })
  expect(rollbackRules({ rollback: { errorPercent: 2 } })).toEqual({
    errorPercent: 2,
    latencyPercent: null,
    minimumRequests: 100,
    windowMs: 300_000,
  })
  expect([rampRules({}), rollbackRules({})]).toEqual([null, null])
})
