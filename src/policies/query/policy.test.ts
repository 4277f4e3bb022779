import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { type QueryOptions, querySchema } from './schema.ts'

function run(options: Omit<QueryOptions, 'use'>, parts: ExchangeParts) {
  const policy = definition.bind({ use: 'query', ...options }, makeBindContext())
  const exchange = makeExchange(parts)
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  expect(policy.apply(exchange)).toEqual({ kind: 'passed' })
  return exchange.outgoing.query
}

test('the changes are made in their order: remove, rename, set, add', () => {
  const query = run(
    { add: { a: '2' }, set: { a: '1' }, rename: { b: 'c' }, remove: ['a'] },
    { url: 'https://a.example/?a=0&b=x' },
  )
  expect(query).toBe('?c=x&a=1&a=2')
})

test('a value of the request cannot add a parameter', () => {
  const query = run(
    { set: { user: '${header.x-user}' } },
    { url: 'https://a.example/', headers: { 'x-user': 'a&admin=1#x' } },
  )
  expect(query).toBe('?user=a%26admin%3D1%23x')
})

test('a constant text stands as it was written', () => {
  expect(run({ set: { fields: 'id,name' } }, {})).toBe('?fields=id,name')
})

test.each([[{}], [{ set: { '': '1' } }], [{ set: { a: '${nobody}' } }], [{ remove: 'a' }]])(
  '%j is refused by the schema',
  (options) => {
    expect(querySchema.safeParse({ use: 'query', ...options }).success).toBe(false)
  },
)
