import { expect, test } from 'vitest'
import { makeExchange } from '../../../test/exchange.ts'
import { bindRespond } from './respond.ts'

test('text is sent with templates filled in', async () => {
  const respond = bindRespond({ status: 200, body: 'Hello ${params.who}.' })
  const answer = (await respond(makeExchange({ params: { who: 'Ann' } }))) as Response
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await answer.text()).toBe('Hello Ann.')
})

test('JSON keeps its form whatever the values hold', async () => {
  const json = { a: ['x', 1, null, { b: '${params.q}', 'c"': true }], d: '${params.q}${params.q}' }
  const respond = bindRespond({ status: 200, json })
  const q = '"},\n\\'
  const answer = (await respond(makeExchange({ params: { q } }))) as Response
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(await answer.json()).toEqual({ a: ['x', 1, null, { b: q, 'c"': true }], d: q + q })
})

test('a header of the answer may be a template, and may replace the type', async () => {
  const respond = bindRespond({
    status: 200,
    headers: { 'Content-Type': 'text/csv', 'X-Who': '${params.who}' },
    body: 'a,b',
  })
  const answer = (await respond(makeExchange({ params: { who: 'Ann' } }))) as Response
  expect(answer.headers.get('content-type')).toBe('text/csv')
  expect(answer.headers.get('x-who')).toBe('Ann')
})

test.each([
  ['text/html; charset=utf-8', '<p title="x">${params.q}</p>', '<p title="x">&lt;b&gt;&quot;</p>'],
  ['TEXT/HTML', '${params.q}', '&lt;b&gt;&quot;'],
  ['image/svg+xml', '<g>${params.q}</g>', '<g>&lt;b&gt;&quot;</g>'],
  ['application/json', '{ "q": "${params.q}" }', '{ "q": "<b>\\"" }'],
  ['application/vnd.shop+json', '"${params.q}"', '"<b>\\""'],
  ['text/${params.type}', '${params.q}', '&lt;b&gt;&quot;'],
  ['text/csv', '${params.q}', '<b>"'],
])('a value in a body of %s is encoded for it', async (type, body, expected) => {
  const respond = bindRespond({ status: 200, headers: { 'cONTENT-tYPE': type }, body })
  const exchange = makeExchange({ params: { q: '<b>"', type: 'html' } })
  expect(await ((await respond(exchange)) as Response).text()).toBe(expected)
})

test('a value that would break a header is HEADER_VALUE_INVALID', async () => {
  const respond = bindRespond({ status: 200, headers: { 'x-who': '${params.who}' } })
  const exchange = makeExchange({ params: { who: 'a\r\nb: c' } })
  expect(await respond(exchange)).toMatchObject({ code: 'HEADER_VALUE_INVALID' })
})

test.each([204, 205, 304])('status %d carries no body', async (status) => {
  const answer = (await bindRespond({ status, body: 'x' })(makeExchange())) as Response
  expect(answer.body).toBeNull()
})

test('HEAD gets the header fields of GET and no body', async () => {
  const answer = (await bindRespond({ status: 200, body: 'x' })(
    makeExchange({ method: 'HEAD' }),
  )) as Response
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await answer.text()).toBe('')
})
