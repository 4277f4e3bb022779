import { expect, test } from 'vitest'
import { budgetRules, retryRules } from './rules.ts'

const targets = ['https://a.example.com']

test.each([
  [{}, { kind: 'exponential', baseMs: 25, maxMs: 1_000 }],
  [{ baseMs: 2_000 }, { kind: 'exponential', baseMs: 2_000, maxMs: 2_000 }],
  [{ maxMs: 10 }, { kind: 'exponential', baseMs: 10, maxMs: 10 }],
  [
    { kind: 'linear', baseMs: 5, maxMs: 50 },
    { kind: 'linear', baseMs: 5, maxMs: 50 },
  ],
] as const)('the backoff %j is %j', (backoff, rules) => {
  expect(retryRules({ backoff })?.backoff).toEqual(rules)
})

test('a call has three tries unless the table says more', () => {
  expect(retryRules({})?.attempts).toBe(3)
})

test.each([
  [{}, null],
  [{ retry: { attempts: 1 } }, null],
  [{ retry: {} }, { percent: 20 }],
  [{ retry: { budgetPercent: 0 } }, { percent: 0 }],
  [{ hedge: { afterMs: 50 } }, { percent: 20 }],
] as const)('the budget of %j is %j', (options, budget) => {
  expect(budgetRules({ targets, ...options })).toEqual(budget)
})
