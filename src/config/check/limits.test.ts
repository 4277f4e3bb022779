import { expect, test } from 'vitest'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

const rate = { use: 'rate-limit', limit: 10, windowSeconds: 60 }
const planned = { use: 'rate-limit', plan: true }

/** Pointers and codes of what is found in a table with one route. */
function found(policies: readonly object[], more: object = {}) {
  const route = { name: 'only', match: { path: '/:id/*' }, policies, respond: { status: 200 } }
  const loaded = loadTable(
    JSON.stringify({ version: 1, ...more, routes: [route] }),
    environmentOf({}),
  )
  const notes = loaded.kind === 'loaded' ? loaded.warnings : loaded.problems
  return notes.map(({ pointer, code, severity }) => `${severity} ${code} ${pointer}`)
}

const plans = { standard: { limits: [{ limit: 10, windowSeconds: 60 }] } }

test('a plan that `plans` does not have is a problem', () => {
  const consumers = { app: { plan: 'standart' }, web: { plan: 'standard' } }
  expect(found([], { plans, consumers })).toEqual(['form PLAN_UNKNOWN /consumers/app/plan'])
})

test('without `plans` it is one only where a limit asks for it', () => {
  const consumers = { app: { plan: 'gold' } }
  expect(found([], { consumers })).toEqual([])
  expect(found([planned], { consumers })).toEqual(['form PLAN_UNKNOWN /consumers/app/plan'])
})

test('a plan in `when` has to be one of `plans`, where there are any', () => {
  const asking = { ...rate, when: { consumer: { plans: ['standard', 'gold'] } } }
  expect(found([asking])).toEqual([])
  expect(found([asking], { plans })).toEqual([
    'form PLAN_UNKNOWN /routes/0/policies/0/when/consumer/plans/1',
  ])
})

test('the name of what every object inherits is no plan', () => {
  expect(found([], { plans, consumers: { app: { plan: 'constructor' } } })).toEqual([
    'form PLAN_UNKNOWN /consumers/app/plan',
  ])
})

test('a limit of a plan that cannot be counted exactly is a problem', () => {
  const limits = [{ limit: 999_999_937, windowSeconds: 31_535_999 }]
  const where = { plans: { huge: { limits } }, consumers: { app: { limits } } }
  expect(found([], where)).toEqual([
    'form LIMIT_NOT_COUNTABLE /plans/huge/limits/0',
    'form LIMIT_NOT_COUNTABLE /consumers/app/limits/0',
  ])
})

test('a limit of a plan has to hold what a request costs', () => {
  expect(found([{ ...planned, cost: 11 }], { plans })).toEqual([
    'form LIMIT_BELOW_COST /plans/standard/limits/0',
  ])
  expect(found([{ ...planned, cost: 10 }], { plans })).toEqual([])
})

test('a quota of a plan has to hold what a request costs', () => {
  const quotas = [{ limit: 10, per: 'day' }]
  const where = { plans: { standard: { quotas } }, consumers: { app: { quotas } } }
  const quota = { use: 'quota', plan: true }
  expect(found([{ ...quota, cost: 11 }], where)).toEqual([
    'form LIMIT_BELOW_COST /plans/standard/quotas/0',
    'form LIMIT_BELOW_COST /consumers/app/quotas/0',
  ])
  expect(found([{ ...quota, cost: 10 }], where)).toEqual([])
})

test('a cost that is a text without a number is a problem, and so is a number above the bucket', () => {
  const place = 'form VALUE_INVALID /routes/0/policies/0/cost'
  expect(found([{ ...rate, cost: 'heavy' }])).toEqual([place])
  expect(found([{ ...rate, cost: '11' }])).toEqual([place])
  expect(found([{ ...rate, cost: '10' }])).toEqual([])
})

test('a limit of 0 is told once, and nothing of a cost that nobody wrote', () => {
  expect(found([{ ...rate, limit: 0 }])).toEqual(['form VALUE_INVALID /routes/0/policies/0/limit'])
})

const warning = (at: number) => `warning LIMIT_KEY_UNVERIFIED /routes/0/policies/${at}/by`

test.each([
  [['header.x-tenant']],
  [['query.tenant']],
  [['cookie.session']],
  [['route', '${header.x-tenant}']],
  [['client.ip', 'header.x-tenant']],
])('a limit by %j is warned of', (by) => {
  expect(found([{ ...rate, by }])).toEqual([warning(0)])
})

test.each([
  [['consumer']],
  [['client.ip']],
  [['claims.org', 'route']],
  [['params.id']],
  [['global']],
])('a limit by %j is not', (by) => {
  expect(found([{ ...rate, by }])).toEqual([])
})

test('with a second limit beside it that cannot be escaped the first is no concern', () => {
  const tenant = { ...rate, by: ['header.x-tenant'] }
  const address = { ...rate, by: ['client.ip'] }
  expect(found([tenant, address])).toEqual([])
  expect(found([tenant, { ...address, mode: 'shadow' }])).toEqual([warning(0)])
  expect(found([tenant, { ...address, when: { methods: ['POST'] } }])).toEqual([warning(0)])
})
