import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { type RequestHeadersOptions, requestHeadersSchema } from './schema.ts'

function run(
  options: Omit<RequestHeadersOptions, 'use'>,
  parts: ExchangeParts = {},
  context = makeBindContext(),
) {
  const policy = definition.bind({ use: 'request-headers', ...options }, context)
  const exchange = makeExchange(parts)
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  const verdict = policy.apply(exchange)
  return { verdict, headers: { ...exchange.outgoing.headers }, missed: context.missed }
}

test('T8: Content-Type and all else that no option names goes on', () => {
  const { headers } = run(
    { set: { 'X-Tenant': 'shop' } },
    { headers: { 'content-type': 'application/json', 'x-other': '1' } },
  )
  expect(headers).toEqual({
    'content-type': 'application/json',
    'x-other': '1',
    'x-tenant': 'shop',
  })
})

test('the changes are made in their order, whatever the case of their names', () => {
  const { headers } = run(
    { add: { 'X-A': '${request.method}' }, set: { 'x-a': '1' }, remove: ['X-a', 'X-Gone'] },
    { headers: { 'x-a': 'client', 'x-gone': '1' } },
  )
  expect(headers).toEqual({ 'x-a': '1, GET' })
})

test('a secret is sent with its prefix', () => {
  const { headers, missed } = run(
    { set: { Authorization: { secret: 'KEY', prefix: 'Bearer ' } } },
    {},
    makeBindContext({ secrets: { KEY: 's3cret' } }),
  )
  expect(headers.authorization).toBe('Bearer s3cret')
  expect(missed).toEqual([])
})

test('a missing secret is told with its place in the document', () => {
  const { missed } = run({ add: { 'X-Key': { secret: 'KEY' } } })
  expect(missed).toEqual([['/routes/0/policies/0/add/X-Key', 'SECRET_MISSING', 'KEY']])
})

test('a bound policy shows no secret', () => {
  const policy = definition.bind(
    { use: 'request-headers', set: { 'X-Key': { secret: 'KEY' } } },
    makeBindContext({ secrets: { KEY: 's3cret' } }),
  )
  expect(JSON.stringify(policy)).not.toContain('s3cret')
})

test('a value with a line break is refused', () => {
  const { verdict } = run(
    { set: { 'X-A': 'v${query.a}' } },
    { url: 'https://a.example/?a=%0aX-Admin:%20yes' },
  )
  expect(verdict).toMatchObject({ kind: 'refused', code: 'HEADER_VALUE_INVALID' })
})

test.each([
  [{ set: { Host: 'a.example' } }],
  [{ set: { 'content-length': '1' } }],
  [{ add: { 'Transfer-Encoding': 'chunked' } }],
  [{ remove: ['Connection'] }],
  [{ rename: { 'X-A': 'TE' } }],
  [{ set: { 'a b': '1' } }],
  [{ set: { 'X-A': { secret: 'ADMIN_TOKEN' } } }],
  [{ unset: ['X-A'], set: { a: '1' } }],
  [{}],
])('%j is refused by the schema', (options) => {
  expect(requestHeadersSchema.safeParse({ use: 'request-headers', ...options }).success).toBe(false)
})
