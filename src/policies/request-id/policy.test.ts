import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { definition } from './policy.ts'
import { type RequestIdOptions, requestIdSchema } from './schema.ts'

function run(options: Partial<RequestIdOptions>, headers: Record<string, string> = {}) {
  const policy = definition.bind({ use: 'request-id', ...options }, makeBindContext())
  const exchange = makeExchange({ id: 'own', headers })
  if (policy.kind !== 'edit') throw new TypeError('not an edit')
  expect(policy.apply(exchange)).toEqual({ kind: 'passed' })
  return exchange
}

test('the id goes to the service and into the answer', () => {
  const exchange = run({})
  expect(exchange.outgoing.headers['x-request-id']).toBe('own')
  expect(exchange.answer).toEqual([{ kind: 'set', name: 'X-Request-ID', value: 'own' }])
})

test('an id that came in is replaced unless it is to be kept', () => {
  const exchange = run({}, { 'x-request-id': 'theirs' })
  expect(exchange.id).toBe('own')
  expect(exchange.outgoing.headers['x-request-id']).toBe('own')
})

test('a kept id is the id of the request from then on', () => {
  const exchange = run({ inbound: 'keep' }, { 'x-request-id': 'theirs' })
  expect(exchange.id).toBe('theirs')
  expect(exchange.outgoing.headers['x-request-id']).toBe('theirs')
  expect(exchange.answer).toEqual([{ kind: 'set', name: 'X-Request-ID', value: 'theirs' }])
})

test('an unfit id is replaced though ids are kept', () => {
  expect(run({ inbound: 'keep' }, { 'x-request-id': 'a b' }).id).toBe('own')
})

test('another header may carry the id', () => {
  const exchange = run({ header: 'X-Trace', inbound: 'keep' }, { 'x-trace': 't-1' })
  expect(exchange.id).toBe('t-1')
  expect(exchange.idHeader).toBe('x-trace')
})

test('a header of the connection cannot carry the id', () => {
  expect(requestIdSchema.safeParse({ use: 'request-id', header: 'Host' }).success).toBe(false)
})
