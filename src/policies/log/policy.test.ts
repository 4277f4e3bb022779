import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { logSchema } from './schema.ts'

test('the rule for the event stands on the exchange', () => {
  const policy = definition.bind({ use: 'log', sample: 0.25, always: ['error'] }, makeBindContext())
  const exchange = makeExchange()
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  expect(policy.apply(exchange)).toEqual({ kind: 'passed' })
  expect(exchange.logging).toEqual({
    sample: 0.25,
    always: { error: true, slow: false },
    slowMs: 1000,
  })
  expect(exchange.answer).toEqual([])
})

test.each([{ sample: 1.1 }, { sample: -0.1 }, { always: ['fast'] }, { slowMs: 0 }])(
  '%j is refused by the schema',
  (options) => {
    expect(logSchema.safeParse({ use: 'log', ...options }).success).toBe(false)
  },
)
