import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import { refuse } from '../errors/refusal.ts'
import type { AnswerEdit } from './exchange.ts'
import { finish, settle, settleClosed } from './finish.ts'

function edited(response: Response, ...edits: AnswerEdit[]): Response {
  const exchange = makeExchange({ params: { id: '7' } })
  exchange.answer.push(...edits)
  return finish(exchange, response)
}

test('an answer without edits leaves as it came', () => {
  const response = new Response('x')
  expect(finish(makeExchange(), response)).toBe(response)
})

test('edits are applied in their order', () => {
  const response = edited(
    new Response('x', { headers: { 'x-old': '1', 'x-gone': '1' } }),
    { kind: 'remove', name: 'x-gone' },
    { kind: 'rename', name: 'x-old', to: 'x-new' },
    { kind: 'set', name: 'x-set', value: 'a' },
    { kind: 'add', name: 'x-set', value: (exchange) => exchange.params.id ?? '' },
  )
  expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-new': '1', 'x-set': 'a, 7' })
  expect(response.headers.has('x-old')).toBe(false)
  expect(response.headers.has('x-gone')).toBe(false)
})

test('each cookie stays a field of its own', () => {
  const headers = new Headers([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ])
  const response = edited(new Response('x', { headers }), { kind: 'set', name: 'x', value: 'y' })
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('a prefix of field names is removed whole', () => {
  const headers = { 'access-control-allow-origin': '*', 'access-control-max-age': '1', etag: '"e"' }
  const response = edited(new Response('x', { headers }), {
    kind: 'removePrefix',
    prefix: 'access-control-',
  })
  expect([...response.headers.keys()]).not.toContain('access-control-allow-origin')
  expect(response.headers.get('etag')).toBe('"e"')
})

test('a renamed field replaces what stood under the new name, and a missing one changes nothing', () => {
  const rename: AnswerEdit = { kind: 'rename', name: 'x-old', to: 'x-new' }
  const read = (headers: Record<string, string>) => {
    const response = edited(new Response(null, { headers }), rename)
    return [response.headers.get('x-old'), response.headers.get('x-new')]
  }
  expect(read({ 'x-old': '1', 'x-new': '2' })).toEqual([null, '1'])
  expect(read({ 'x-new': '2' })).toEqual([null, '2'])
})

test('a list field gets each name once, and * stays alone', () => {
  const vary: AnswerEdit = { kind: 'list', name: 'vary', values: ['Origin', 'Accept'] }
  const read = (value: string) => edited(new Response('x', { headers: { vary: value } }), vary)
  expect(read('accept').headers.get('vary')).toBe('accept, Origin')
  expect(read('*').headers.get('vary')).toBe('*')
})

test('a refusal becomes a problem that carries the edits too', async () => {
  const exchange = makeExchange({ id: 'r-1', route: 'users' })
  exchange.answer.push({ kind: 'set', name: 'access-control-allow-origin', value: '*' })
  const response = finish(exchange, refuse('UPSTREAM_UNREACHABLE'))
  expect(response.status).toBe(502)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(await response.json()).toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    instance: 'r-1',
    route: 'users',
  })
  expect(exchange.event.error).toBe('UPSTREAM_UNREACHABLE')
})

test('bytes come from Content-Length, or are null', () => {
  const exchange = makeExchange({ method: 'POST', headers: { 'content-length': '12' } })
  settle(exchange, new Response('x', { headers: { 'content-length': '34' } }))
  expect(exchange.event).toMatchObject({ status: 200, bytesIn: 12, bytesOut: 34 })
  const odd = makeExchange({ headers: { 'content-length': '1, 1' } })
  settle(odd, new Response('x'))
  expect(odd.event).toMatchObject({ bytesIn: null, bytesOut: null })
})

test('a client that went away leaves an event with the code for it', () => {
  const exchange = makeExchange({ id: 'r-2' })
  settleClosed(exchange)
  expect(exchange.event).toMatchObject({ status: 499, error: 'CLIENT_CLOSED', request: 'r-2' })
})
