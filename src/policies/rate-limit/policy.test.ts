import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { Claim } from '../../buckets/claims.ts'
import type { Identity } from '../../pipeline/exchange.ts'
import type { BindContext, Limit } from '../../pipeline/policy.ts'
import { definition } from './policy.ts'
import { type RateLimitOptions, rateLimitSchema } from './schema.ts'

type Options = Omit<RateLimitOptions, 'use'>

function bind(options: Options, more: Partial<BindContext> = {}): Limit {
  const context = { ...makeBindContext({ name: 'rate-limit-1' }), ...more }
  const policy = definition.bind({ use: 'rate-limit', ...options }, context)
  if (policy.kind !== 'limit') throw new TypeError('not a limit')
  return policy
}

function claimsOf(policy: Limit, exchange = makeExchange()): readonly Claim[] {
  const claims = policy.claims(exchange)
  if ('kind' in claims) throw new TypeError(claims.code)
  return claims
}

const minute = { limit: 100, windowSeconds: 60 }

test('a request claims one token of its bucket', () => {
  expect(claimsOf(bind(minute))).toEqual([
    {
      label: 'rate-limit-1',
      place: expect.objectContaining({ policy: 'route:users/rate-limit-1' }),
      shape: { kind: 'rate', limit: 100, windowMs: 60_000, burst: 100 },
      cost: 1,
      storeTimeoutMs: 1000,
      onStoreFault: 'local',
    },
  ])
})

test('the claims of a caller are made once', () => {
  const policy = bind(minute)
  const exchange = makeExchange()
  expect(policy.claims(exchange)).toBe(policy.claims(exchange))
})

test('options go into the claim', () => {
  const options = {
    ...minute,
    burst: 7,
    cost: 3,
    storeTimeoutMs: 50,
    onStoreFault: 'deny',
  } as const
  expect(claimsOf(bind(options))).toMatchObject([
    { shape: { burst: 7 }, cost: 3, storeTimeoutMs: 50, onStoreFault: 'deny' },
  ])
  expect(bind({ ...minute, legacyHeaders: true }).legacyHeaders).toBe(true)
  expect(bind(minute).legacyHeaders).toBe(false)
})

test('a cost of its own goes into each claim of a request', () => {
  const policy = bind({ ...minute, cost: '${query.n}' })
  const exchange = makeExchange({ url: 'https://a.example/?n=4' })
  expect(claimsOf(policy, exchange)).toMatchObject([{ cost: 4 }])
})

const windows = [minute, { limit: 1000, windowSeconds: 3600 }]

test('several windows are several claims with buckets of their own', () => {
  const claims = claimsOf(bind({ limits: windows }))
  expect(claims.map(({ label }) => label)).toEqual(['rate-limit-1', 'rate-limit-1-2'])
  expect(new Set(claims.map(({ place }) => `${place.object} ${place.bucket}`)).size).toBe(2)
})

const plans = new Map([
  ['standard', { limits: windows }],
  ['free', { limits: [{ limit: 5, windowSeconds: 60 }] }],
  ['open', {}],
])

function caller(plan: string | null, spending?: { readonly limits: typeof windows }): Identity {
  const none = { roles: [], scopes: [], permissions: [] }
  const own = spending === undefined ? {} : { spending }
  const consumer = { name: 'app', plan, roles: [], metadata: {}, ...own }
  return { authority: 'key', subject: 'app', claims: {}, ...none, consumer }
}

const limitsOf = (policy: Limit, identity: Identity | null) =>
  claimsOf(policy, makeExchange({ identity })).map(({ shape }) => shape.limit)

test('with a plan the limits of the plan hold, and those of the consumer before them', () => {
  const policy = bind({ plan: true }, { plans })
  expect(limitsOf(policy, caller('standard'))).toEqual([100, 1000])
  expect(limitsOf(policy, caller('free'))).toEqual([5])
  expect(limitsOf(policy, caller('free', { limits: [{ limit: 9, windowSeconds: 1 }] }))).toEqual([
    9,
  ])
})

test('a plan without limits limits nothing', () => {
  expect(limitsOf(bind({ plan: true }, { plans }), caller('open'))).toEqual([])
})

test('who has no plan has that of the consumer anonymous', () => {
  const anonymous = { name: 'anonymous', plan: 'free', roles: [], metadata: {} }
  const policy = bind({ plan: true }, { plans, anonymous })
  expect(limitsOf(policy, null)).toEqual([5])
  expect(limitsOf(policy, caller(null))).toEqual([5])
})

test('who has no plan where nothing holds for all others is refused with PLAN_MISSING', () => {
  const claims = bind({ plan: true }, { plans }).claims(makeExchange())
  expect(claims).toMatchObject({ kind: 'refused', code: 'PLAN_MISSING' })
})

test('with countHits false a hit of the cache gives its tokens back', async () => {
  const log: string[] = []
  const exchange = makeExchange()
  const ticket = {
    claim: claimsOf(bind(minute))[0] as Claim,
    by: 'bucket',
    remaining: () => 1,
    resetMs: () => null,
    settle: () => void log.push('settle'),
    refund: () => void log.push('refund'),
    leave: () => {},
    more: () => true,
    overdraw: () => {},
  } as const
  const use = { exchange, answer: new Response('ok'), tickets: [ticket] }
  const { conclude } = bind({ ...minute, countHits: false })
  await conclude?.(use)
  expect(log).toEqual([])
  exchange.event.cache = 'hit'
  await conclude?.(use)
  expect(log).toEqual(['refund'])
  expect(bind(minute).conclude).toBeNull()
})

test.each<[Record<string, unknown>]>([
  [minute],
  [{ ...minute, burst: 1 }],
  [{ limits: windows }],
  [{ plan: true }],
  [{ plan: true, cost: 5 }],
  [{ ...minute, by: ['consumer', 'route', 'claims.org', '${params.id}'] }],
  [{ ...minute, scope: 'colo', location: 'weur' }],
  [{ ...minute, cost: { response: { json: '/usage/total_tokens' }, reserve: 100 } }],
  [{ ...minute, cost: 0 }],
])('%j is taken by the schema', (options) => {
  expect(rateLimitSchema.safeParse({ use: 'rate-limit', ...options }).error).toBeUndefined()
})

test.each<[Record<string, unknown>, string]>([
  [{}, ''],
  [{ limit: 1 }, ''],
  [{ windowSeconds: 60 }, ''],
  [{ ...minute, limits: windows }, 'limit'],
  [{ plan: true, limit: 1 }, 'limit'],
  [{ plan: true, limits: windows }, 'limits'],
  [{ limits: windows, burst: 3 }, 'burst'],
  [{ limits: [] }, 'limits'],
  [{ ...minute, cost: 101 }, 'cost'],
  [{ ...minute, burst: 4, cost: 5 }, 'cost'],
  [{ limits: windows, cost: 101 }, 'cost'],
  [{ ...minute, cost: { response: { bytes: 1 }, reserve: 101 } }, 'cost.reserve'],
  [{ ...minute, by: [] }, 'by'],
  [{ ...minute, by: ['consumers'] }, 'by.0'],
  [{ ...minute, onStoreFault: 'maybe' }, 'onStoreFault'],
  [{ limit: 999_999_937, windowSeconds: 31_535_999 }, ''],
])('%j is refused by the schema at %j', (options, place) => {
  const { error } = rateLimitSchema.safeParse({ use: 'rate-limit', ...options })
  expect(error?.issues.map(({ path }) => path.join('.'))).toContain(place)
})
