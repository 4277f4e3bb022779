import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { geoFilterSchema } from './schema.ts'

function bind() {
  const policy = definition.bind(
    { use: 'geo-filter', allow: { countries: ['DE', 'AT'] }, deny: { asns: [64500] } },
    makeBindContext(),
  )
  if (policy.kind !== 'gate') throw new TypeError('not a gate')
  return policy
}

test('a country of the list passes', () => {
  expect(bind().judge(makeExchange({ client: { country: 'AT' } }))).toEqual({ kind: 'passed' })
})

test('another country is refused with LOCATION_DENIED', () => {
  expect(bind().judge(makeExchange({ client: { country: 'US' } }))).toEqual({
    kind: 'refused',
    code: 'LOCATION_DENIED',
  })
})

test('a denied network is refused though its country is allowed', () => {
  const exchange = makeExchange({ client: { country: 'DE', asn: 64500 } })
  expect(bind().judge(exchange)).toMatchObject({ code: 'LOCATION_DENIED' })
})

test.each([
  [{}],
  [{ allow: {} }],
  [{ allow: { countries: ['de'] } }],
  [{ allow: { countries: [] } }],
  [{ deny: { continents: ['EUROPE'] } }],
  [{ deny: { asns: ['AS3320'] } }],
])('%j is refused by the schema', (options) => {
  expect(geoFilterSchema.safeParse({ use: 'geo-filter', ...options }).success).toBe(false)
})
