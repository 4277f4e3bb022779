import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { Claim, Ticket } from '../../buckets/claims.ts'
import type { Exchange, Identity } from '../../pipeline/exchange.ts'
import type { Limit } from '../../pipeline/policy.ts'
import { makeMemories } from '../../platform/memories.ts'
import type { Plan } from '../../schema/limits.ts'
import { definition } from './policy.ts'
import { type QuotaOptions, quotaSchema } from './schema.ts'

type Options = Omit<QuotaOptions, 'use'>

const day = { limit: 10, per: 'day' } as const
const month = { limit: 100, per: 'month' } as const
const plans = new Map<string, Plan>([
  ['both', { quotas: [day, month] }],
  ['month', { quotas: [month] }],
])

function bind(options: Options): Limit {
  const context = makeBindContext({ name: 'spent', id: 'route:users/spent', plans })
  const policy = definition.bind({ use: 'quota', ...options }, context)
  if (policy.kind !== 'limit') throw new TypeError('not a limit')
  return policy
}

function callerWith(plan: string | null): Identity {
  const consumer = { name: 'shop', plan, roles: [], metadata: {} }
  const none = { claims: {}, roles: [], scopes: [], permissions: [] }
  return { authority: 'key', subject: 'shop', ...none, consumer }
}

function claimsOf(limit: Limit, exchange: Exchange): readonly Claim[] {
  const claims = limit.claims(exchange)
  if ('kind' in claims) throw new TypeError(claims.code)
  return claims
}

/** A ticket of a bucket in which so much is left. */
function ticketOf(claim: Claim, left: number, by: Ticket['by'] = 'bucket'): Ticket {
  return {
    claim,
    by,
    remaining: () => left,
    resetMs: () => null,
    settle: () => {},
    refund: () => {},
    leave: () => {},
    more: () => true,
    overdraw: () => {},
  }
}

/** The answer's warnings, and what the event says, after a request that left so much. */
async function warn(options: Options, left: number, by: Ticket['by'] = 'bucket') {
  const limit = bind(options)
  const exchange = makeExchange({ identity: callerWith('both') })
  const tickets = claimsOf(limit, exchange).map((claim) => ticketOf(claim, left, by))
  await limit.conclude?.({ exchange, answer: new Response(), tickets })
  return { edits: exchange.answer, outcome: exchange.event.policies.spent }
}

test('one request draws one token on the quota, and a store that fails refuses', () => {
  const [claim, ...more] = claimsOf(bind(month), makeExchange({ identity: callerWith(null) }))
  expect(more).toEqual([])
  expect(claim).toMatchObject({
    label: 'spent',
    shape: { kind: 'quota', limit: 100, period: { per: 'month' } },
    cost: 1,
    storeTimeoutMs: 1_000,
    onStoreFault: 'deny',
  })
})

test('the cost of a request may stand in the request', () => {
  const limit = bind({ ...month, cost: '${query.units}' })
  const costOf = (query: string) =>
    claimsOf(limit, makeExchange({ url: `https://api.example.com/${query}` }))[0]?.cost
  expect(costOf('?units=7')).toBe(7)
  expect(costOf('?units=all')).toBe(1)
})

test('a plan gives each of its quotas, told apart by their periods', () => {
  const claims = claimsOf(bind({ plan: true }), makeExchange({ identity: callerWith('both') }))
  expect(claims.map(({ label, shape, place }) => [label, shape.limit, place.bucket])).toEqual([
    ['spent', 10, 'day'],
    ['spent-2', 100, 'month'],
  ])
})

test('what was spent of a month stays spent when the plan changes', () => {
  const limit = bind({ plan: true })
  const placeOf = (plan: string) =>
    claimsOf(limit, makeExchange({ identity: callerWith(plan) })).at(-1)?.place
  expect(placeOf('month')).toEqual(placeOf('both'))
})

test('the claims of a caller are made once', () => {
  const limit = bind({ plan: true })
  const memories = makeMemories()
  const ask = () => limit.claims(makeExchange({ identity: callerWith('both'), memories }))
  expect(ask()).toBe(ask())
})

test('a caller without a plan is refused where nobody has one for it', () => {
  const exchange = makeExchange({ identity: callerWith(null) })
  expect(bind({ plan: true }).claims(exchange)).toEqual({ kind: 'refused', code: 'PLAN_MISSING' })
})

test('a request that reaches a share of the quota is told the highest', async () => {
  const options = { ...month, warnAt: [80, 90] }
  expect(await warn(options, 21)).toEqual({ edits: [], outcome: undefined })
  expect(await warn(options, 20)).toEqual({
    edits: [{ kind: 'set', name: 'Isogate-Quota-Warning', value: '"spent";share=80' }],
    outcome: 'passed:quota-80',
  })
  expect((await warn(options, 3)).outcome).toBe('passed:quota-90')
})

test('each quota of a plan has its own member in the warning', async () => {
  const { edits, outcome } = await warn({ plan: true, warnAt: [50] }, 5)
  expect(edits).toEqual([
    { kind: 'set', name: 'Isogate-Quota-Warning', value: '"spent";share=50' },
    { kind: 'add', name: 'Isogate-Quota-Warning', value: '"spent-2";share=50' },
  ])
  expect(outcome).toBe('passed:quota-50')
})

test('where the store failed nobody knows what is left, and nobody is warned', async () => {
  const { edits } = await warn({ ...month, warnAt: [80], onStoreFault: 'allow' }, 0, 'unlimited')
  expect(edits).toEqual([])
})

test('a warning counts what the answer says it cost', async () => {
  const cost = { response: { header: 'X-Cost' }, reserve: 5 }
  const limit = bind({ ...month, cost, warnAt: [80] })
  const exchange = makeExchange()
  let left = 15
  const tickets = claimsOf(limit, exchange).map((claim) => ({
    ...ticketOf(claim, 0),
    remaining: () => left,
    settle(used = 5) {
      left += 5 - used
    },
  }))
  const answer = new Response(null, { headers: { 'X-Cost': '0' } })
  await limit.conclude?.({ exchange, answer, tickets })
  expect(exchange.answer).toHaveLength(1)
  left = 16
  await limit.conclude?.({ exchange, answer, tickets })
  expect(exchange.answer).toHaveLength(1)
})

test('without shares and late costs nothing runs after the answer', () => {
  expect(bind(month).conclude).toBeNull()
})

function pathsOf(options: object): readonly string[] {
  const { error } = quotaSchema.safeParse({ use: 'quota', ...options })
  return error?.issues.map(({ path }) => path.join('/')) ?? []
}

test.each([
  [{ plan: true, warnAt: [80, 90] }],
  [{ limit: 5, per: 'anchored', anchor: '2026-01-31', everyDays: 30 }],
  [{ ...day, by: ['consumer', 'route'], cost: 2, scope: 'colo', location: 'weur' }],
])('%j is taken by the schema', (options) => {
  expect(pathsOf(options)).toEqual([])
})

test.each([
  [{}, ['', '']],
  [{ limit: 5 }, ['']],
  [{ plan: true, limit: 5, per: 'day' }, ['limit', 'per']],
  [{ plan: false }, ['plan']],
  [{ ...day, anchor: '2026-01-31' }, ['anchor']],
  [{ limit: 5, per: 'anchored', anchor: '2026-02-30', everyDays: 30 }, ['anchor']],
  [{ ...day, warnAt: [0] }, ['warnAt/0']],
  [{ ...day, cost: 11 }, ['cost']],
  [{ ...day, by: ['user'] }, ['by/0']],
])('%j is a problem at its place', (options, paths) => {
  expect(pathsOf(options)).toEqual(paths)
})
