import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import type { Consumer } from '../pipeline/exchange.ts'
import type { Plan } from '../schema/limits.ts'
import { bindSpending } from './spending.ts'

const day = [{ limit: 10, per: 'day' as const }]
const month = [{ limit: 100, per: 'month' as const }]
const own = [{ limit: 1_000, per: 'month' as const }]
const plans = new Map<string, Plan>([
  ['free', { quotas: day }],
  ['standard', { quotas: month }],
  ['open', {}],
])

function consumer(more: Partial<Consumer>): Consumer {
  return { name: 'shop', plan: null, roles: [], metadata: {}, ...more }
}

function quotasOf(caller: Consumer | null | 'stranger', anonymous: Consumer | null = null) {
  const identity =
    caller === null
      ? null
      : {
          authority: 'key',
          subject: 'shop',
          claims: {},
          roles: [],
          scopes: [],
          permissions: [],
          consumer: caller === 'stranger' ? null : caller,
        }
  return bindSpending('quotas', { plans, anonymous })(makeExchange({ identity }))
}

test('a consumer has the quotas of its plan', () => {
  expect(quotasOf(consumer({ plan: 'standard' }))).toBe(month)
})

test('what a consumer has of its own stands in the place of its plan', () => {
  expect(quotasOf(consumer({ plan: 'free', spending: { quotas: own } }))).toBe(own)
})

test('limits of its own leave the quotas of its plan', () => {
  const spending = { limits: [{ limit: 5, windowSeconds: 1 }] }
  expect(quotasOf(consumer({ plan: 'free', spending }))).toBe(day)
})

test('a plan without quotas limits nothing', () => {
  expect(quotasOf(consumer({ plan: 'open' }))).toEqual([])
})

test.each([
  ['an anonymous caller', null],
  ['a caller that no entry of consumers is', 'stranger'],
  ['a consumer without plan', consumer({})],
  ['a consumer whose key names an unknown plan', consumer({ plan: 'gone' })],
] as const)('%s has what the consumer anonymous has, else nothing says what', (_, caller) => {
  const anonymous = consumer({ name: 'anonymous', plan: 'free' })
  expect(quotasOf(caller, anonymous)).toBe(day)
  expect(quotasOf(caller)).toBeNull()
})
