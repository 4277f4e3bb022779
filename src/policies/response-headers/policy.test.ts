import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { type ResponseHeadersOptions, responseHeadersSchema } from './schema.ts'

function run(options: Omit<ResponseHeadersOptions, 'use'>, parts: ExchangeParts = {}) {
  const policy = definition.bind({ use: 'response-headers', ...options }, makeBindContext())
  const exchange = makeExchange(parts)
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  return { verdict: policy.apply(exchange), answer: exchange.answer, policy, exchange }
}

test('the changes stand in their order: remove, rename, set, add', () => {
  const { answer } = run({
    add: { 'X-A': '2' },
    set: { 'X-A': '1' },
    rename: { 'X-Old': 'X-New' },
    remove: ['Server'],
  })
  expect(answer).toEqual([
    { kind: 'remove', name: 'Server' },
    { kind: 'rename', name: 'X-Old', to: 'X-New' },
    { kind: 'set', name: 'X-A', value: '1' },
    { kind: 'add', name: 'X-A', value: '2' },
  ])
})

test('a template is filled in from the request', () => {
  const { answer } = run({ set: { 'X-Path': '${request.path}?' } }, { url: 'https://a.example/x' })
  expect(answer).toEqual([{ kind: 'set', name: 'X-Path', value: '/x?' }])
})

test('a constant edit is made once and not per request', () => {
  const { policy, exchange, answer } = run({ set: { 'X-A': '1' } })
  if (policy.kind === 'edit') policy.apply(exchange)
  expect(answer[0]).toBe(answer[1])
})

test('a value with a line break is refused before the service is called', () => {
  const { verdict, answer } = run(
    { set: { 'X-A': '${query.a}' } },
    { url: 'https://a.example/?a=%0d%0aSet-Cookie:%20x=1' },
  )
  expect(verdict).toMatchObject({ kind: 'refused', code: 'HEADER_VALUE_INVALID' })
  expect(answer).toEqual([])
})

test.each([
  [{ set: { 'Content-Length': '1' } }],
  [{ add: { connection: 'close' } }],
  [{ remove: ['Transfer-Encoding'] }],
  [{ rename: { 'X-A': 'Upgrade' } }],
  [{ set: { 'X-A': 'a\nb' } }],
  [{ set: { 'X-A': '${clent.ip}' } }],
  [{ set: { 'X-A': { secret: 'KEY' } } }],
  [{}],
])('%j is refused by the schema', (options) => {
  expect(responseHeadersSchema.safeParse({ use: 'response-headers', ...options }).success).toBe(
    false,
  )
})
