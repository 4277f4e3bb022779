import { expect, test } from 'vitest'
import { streamOf } from '../../test/doubles/streams.ts'
import { type ExchangeParts, makeExchange } from '../../test/exchange.ts'
import { readBody } from './body.ts'

function post(
  body: string | ReadableStream,
  headers: Record<string, string> = {},
  more: ExchangeParts = {},
) {
  const stream = typeof body === 'string' ? streamOf(body) : body
  return makeExchange({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: stream,
    ...more,
  })
}

test('a JSON body is read, and kept for the service as it came', async () => {
  const exchange = post(streamOf('{"a"', ':1}'))
  expect(await readBody(exchange, 64)).toEqual({ kind: 'json', value: { a: 1 } })
  expect(new TextDecoder().decode(exchange.outgoing.body as ArrayBuffer)).toBe('{"a":1}')
})

test.each([
  'application/json; charset=utf-8',
  'application/problem+json',
  'application/vnd.a+json',
])('%s is JSON', async (type) => {
  expect(await readBody(post('1', { 'content-type': type }), 64)).toEqual({
    kind: 'json',
    value: 1,
  })
})

test('another media type, or no body, does not match and is not read', async () => {
  const body = streamOf('x')
  const exchange = post(body, { 'content-type': 'text/plain' })
  expect(await readBody(exchange, 64)).toEqual({ kind: 'other' })
  expect(exchange.outgoing.body).toBe(body)
  expect(await readBody(makeExchange({ method: 'POST' }), 64)).toEqual({ kind: 'other' })
})

test('a body that is no JSON is BODY_INVALID', async () => {
  expect(await readBody(post('{'), 64)).toMatchObject({ code: 'BODY_INVALID' })
})

test('an encoded body is BODY_ENCODED', async () => {
  expect(await readBody(post('1', { 'content-encoding': 'gzip' }), 64)).toMatchObject({
    code: 'BODY_ENCODED',
  })
})

test('a body over the limit is BODY_TOO_LARGE, by its length or as it comes', async () => {
  expect(await readBody(post('1', { 'content-length': '65' }), 64)).toMatchObject({
    code: 'BODY_TOO_LARGE',
  })
  const streamed = await readBody(post(streamOf('x'.repeat(40), 'x'.repeat(40))), 64)
  expect(streamed).toMatchObject({ code: 'BODY_TOO_LARGE', members: { maxBytes: 64 } })
})
