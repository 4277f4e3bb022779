import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Wrap } from '../../pipeline/policy.ts'
import { definition } from './policy.ts'
import { statusMapSchema } from './schema.ts'

function bind(options: object): Wrap {
  const read = statusMapSchema.parse({ use: 'status-map', ...options })
  return definition.bind(read, makeBindContext({ name: 'map' })) as Wrap
}

async function run(options: object, answer: Answer) {
  const exchange = makeExchange()
  const got = await bind(options).around(exchange, () => Promise.resolve(answer))
  return { got, outcome: exchange.event.policies.map }
}

const map = { '501': 404, '5xx': 502 }

test('an exact status beats its class; body and fields pass', async () => {
  const answer = new Response('gone', { status: 501, headers: { 'x-a': '1', etag: '"e"' } })
  const { got, outcome } = await run({ map }, answer)
  expect(got).toBeInstanceOf(Response)
  const response = got as Response
  expect(response.status).toBe(404)
  expect(response.headers.get('x-a')).toBe('1')
  expect(response.headers.get('etag')).toBe('"e"')
  expect(await response.text()).toBe('gone')
  expect(outcome).toBe('mapped:501')
})

test('Retry-After stays where 503 becomes another status', async () => {
  const answer = new Response('busy', { status: 503, headers: { 'retry-after': '7' } })
  const { got } = await run({ map }, answer)
  expect((got as Response).status).toBe(502)
  expect((got as Response).headers.get('retry-after')).toBe('7')
})

test('several Set-Cookie lines stay several', async () => {
  const headers = new Headers([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ])
  const { got } = await run({ map }, new Response('x', { status: 500, headers }))
  expect((got as Response).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('an answer that is not mapped is the very same object', async () => {
  const answer = new Response('ok')
  const { got, outcome } = await run({ map }, answer)
  expect(got).toBe(answer)
  expect(outcome).toBe('passed')
})

test('an answer that becomes 204 loses its body, which is called off, and the fields of it', async () => {
  let cancelled = false
  const body = new ReadableStream({
    cancel: () => {
      cancelled = true
    },
  })
  const answer = new Response(body, {
    status: 410,
    headers: { 'content-type': 'text/plain', 'x-a': '1' },
  })
  const { got } = await run({ map: { '410': 204 } }, answer)
  const response = got as Response
  expect(response.status).toBe(204)
  expect(response.body).toBeNull()
  expect([...response.headers.keys()]).toEqual(['x-a'])
  expect(cancelled).toBe(true)
})

test('an answer without content may become one with none', async () => {
  const { got } = await run({ map: { '204': 200 } }, new Response(null, { status: 204 }))
  expect((got as Response).status).toBe(200)
  expect(await (got as Response).text()).toBe('')
})

test('problems keep their status unless they are asked for', async () => {
  const problem = refuse('UPSTREAM_TIMEOUT', { headers: { 'retry-after': '3' } })
  expect((await run({ map }, problem)).got).toBe(problem)
  const { got, outcome } = await run({ map, problems: true }, problem)
  expect(got).toEqual({ ...problem, status: 502 })
  expect(outcome).toBe('mapped:504')
})

test('a problem of the caller keeps its status with `problems` too', async () => {
  const problem: Refusal = refuse('BODY_INVALID')
  const { got } = await run({ map: { '4xx': 500 }, problems: true }, problem)
  expect(got).toBe(problem)
})

test('an answer that is there at once is mapped at once', () => {
  const got = bind({ map }).around(makeExchange(), () => new Response('x', { status: 500 }))
  expect((got as Response).status).toBe(502)
})

test('in shadow mode the answer stays, and the event says what would be', async () => {
  const exchange = makeExchange()
  const answer = new Response('x', { status: 500 })
  expect(await bind({ map }).shadow(exchange, () => Promise.resolve(answer))).toBe(answer)
  expect(exchange.event.policies.map).toBe('would-change')
  const fine = new Response('x')
  expect(bind({ map }).shadow(exchange, () => fine)).toBe(fine)
  expect(exchange.event.policies.map).toBe('would-pass')
})

test.each([
  ['no status at all', { map: {} }],
  ['304 as a key', { map: { '304': 200 } }],
  ['304 as a status', { map: { '404': 304 } }],
  ['an interim status', { map: { '404': 101 } }],
  ['a class of interim statuses', { map: { '1xx': 200 } }],
  ['a success for problems', { map: { '5xx': 200 }, problems: true }],
])('%s is a problem of the document', (_what, options) => {
  expect(statusMapSchema.safeParse({ use: 'status-map', ...options }).success).toBe(false)
})
