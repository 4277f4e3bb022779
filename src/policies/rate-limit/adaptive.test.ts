import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { Consumer, Identity } from '../../pipeline/exchange.ts'
import {
  type BindContext,
  type CapacityOptions,
  type Limit,
  noRoute,
} from '../../pipeline/policy.ts'
import type { Priority } from '../../schema/limits.ts'
import { definition } from './policy.ts'
import { rateLimitSchema } from './schema.ts'

const adaptive = { upstream: 'users', minPercent: 10, latencyTolerance: 1.5, errorPercent: 3 }

function bind(given: Parameters<typeof makeBindContext>[0] = {}): Limit {
  const options = { use: 'rate-limit', limit: 100, windowSeconds: 60, adaptive } as const
  const policy = definition.bind(options, makeBindContext({ name: 'rate-limit-1', ...given }))
  if (policy.kind !== 'limit') throw new TypeError('not a limit')
  return policy
}

/** An upstream that can take requests of these priorities alone, and notes what it was asked. */
function makeCapacity(...taken: readonly Priority[]) {
  const asked: Priority[] = []
  const bound: CapacityOptions[] = []
  const capacity: BindContext['capacity'] = (options) => {
    bound.push(options)
    return (_exchange, priority) => {
      asked.push(priority)
      return taken.includes(priority) ? null : 7
    }
  }
  return { asked, bound, capacity }
}

function consumer(plan: string | null): Consumer {
  return { name: 'mobile-app', plan, roles: [], metadata: {} }
}

function identity(plan: string | null): Identity {
  return {
    authority: 'key',
    subject: 'mobile-app',
    claims: {},
    roles: [],
    scopes: [],
    permissions: [],
    consumer: consumer(plan),
  }
}

test('a request that the upstream cannot take is refused before the bucket, and told when to come back', () => {
  const { capacity } = makeCapacity()
  expect(bind({ capacity }).claims(makeExchange())).toEqual({
    kind: 'refused',
    code: 'CAPACITY_REDUCED',
    reason: 'capacity-reduced',
    members: { 'violated-policies': ['rate-limit-1'] },
    headers: { 'Retry-After': '7' },
  })
})

test('a request that it can take claims its token, as without', () => {
  const { capacity, bound } = makeCapacity('normal')
  const claims = bind({ capacity }).claims(makeExchange())
  expect(claims).toMatchObject([{ shape: { limit: 100, burst: 100 }, cost: 1 }])
  expect(bound).toEqual([adaptive])
})

const plans = new Map([
  ['gold', { priority: 'critical' }],
  ['free', { priority: 'sheddable' }],
  ['plain', {}],
] as const)

test.each([
  ['the route says', 'sheddable', 'gold', 'sheddable'],
  ['the plan of the caller says', null, 'gold', 'critical'],
  ['the plan of the consumer anonymous says', null, null, 'sheddable'],
  [
    'the plan of the consumer anonymous says where that of the caller does not',
    null,
    'plain',
    'sheddable',
  ],
] as const)('a request is as important as %s', (_, priority, plan, expected) => {
  const { capacity, asked } = makeCapacity()
  const policy = bind({ capacity, priority, plans, anonymous: consumer('free') })
  policy.claims(makeExchange({ identity: identity(plan) }))
  expect(asked).toEqual([expected])
})

test('a request of which nobody says it is normal', () => {
  const { capacity, asked } = makeCapacity()
  bind({ capacity, plans }).claims(makeExchange())
  expect(asked).toEqual(['normal'])
})

test('who only asks what is left is no request for the upstream', () => {
  const { capacity, bound } = makeCapacity()
  expect(bind({ capacity, route: noRoute }).claims(makeExchange())).toHaveLength(1)
  expect(bound).toEqual([])
})

test.each([
  [{}],
  [{ upstream: 'users', minPercent: 0 }],
  [{ upstream: 'users', latencyTolerance: 1 }],
  [{ upstream: 'users', errorPercent: 101 }],
  [{ upstream: 'users', scope: 'colo' }],
])('adaptive %j is refused by the schema', (given) => {
  const options = { use: 'rate-limit', limit: 100, windowSeconds: 60, adaptive: given }
  expect(rateLimitSchema.safeParse(options).success).toBe(false)
})
