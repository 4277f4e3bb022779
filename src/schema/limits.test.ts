import { expect, test } from 'vitest'
import { object } from './atoms.ts'
import { quotaRule, quotaShape, spendingShape, withSpendingRule } from './limits.ts'
import { withRule } from './rule.ts'

const quota = withRule(object(quotaShape), quotaRule)
const spending = withSpendingRule(object(spendingShape))

function pathsOf(schema: typeof quota | typeof spending, value: object): readonly string[] {
  return schema.safeParse(value).error?.issues.map(({ path }) => path.join('/')) ?? []
}

test.each([
  [{ limit: 5, per: 'month' }],
  [{ limit: 5, per: 'anchored', anchor: '2026-01-31', everyDays: 30 }],
  [{ limit: 5, per: 'anchored', anchor: '2024-02-29T23:59:59Z', everyDays: 1 }],
])('%j is a quota', (value) => {
  expect(pathsOf(quota, value)).toEqual([])
})

test('an anchored quota needs both its anchor and its length', () => {
  expect(pathsOf(quota, { limit: 5, per: 'anchored' })).toEqual(['', ''])
})

test('a calendar quota has neither anchor nor length', () => {
  const value = { limit: 5, per: 'day', anchor: '2026-01-31', everyDays: 30 }
  expect(pathsOf(quota, value)).toEqual(['anchor', 'everyDays'])
})

test.each(['2026-02-30', '2026-13-01', '2026-01-31T24:00Z', '2026-01-31T08:61Z'])(
  '%s is not on the calendar',
  (anchor) => {
    expect(pathsOf(quota, { limit: 5, per: 'anchored', anchor, everyDays: 30 })).toEqual(['anchor'])
  },
)

test('a plan has each period once', () => {
  const day = { limit: 5, per: 'day' }
  const month = { limit: 50, per: 'month' }
  expect(pathsOf(spending, { quotas: [day, month] })).toEqual([])
  expect(pathsOf(spending, { quotas: [day, month, { ...day, limit: 6 }] })).toEqual([
    'quotas/2/per',
  ])
})

test('two anchored quotas of one plan differ in anchor or length', () => {
  const anchored = { limit: 5, per: 'anchored', anchor: '2026-01-31', everyDays: 30 }
  expect(pathsOf(spending, { quotas: [anchored, { ...anchored, everyDays: 7 }] })).toEqual([])
  expect(pathsOf(spending, { quotas: [anchored, anchored] })).toEqual(['quotas/1/per'])
})
