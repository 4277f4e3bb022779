import { expect, test } from 'vitest'
import type { Fields } from '../../http/headers.ts'
import { readBatch } from './core.ts'

const none: Fields = {}

function read(value: unknown, received: Fields = none, maxRequests = 20) {
  const batch = readBatch(value, { received, maxRequests })
  if (batch.kind === 'refused') throw new Error(String(batch.detail))
  return batch.items.map(({ headers, ...item }) => ({ ...item, headers: { ...headers } }))
}

test('a request is a GET without body unless it says more', () => {
  expect(read({ requests: [{ path: '/a?b=1' }] })).toEqual([
    { id: null, method: 'GET', path: '/a?b=1', headers: {}, body: null },
  ])
})

test('a bare list is a batch', () => {
  expect(read([{ path: '/a' }, { path: '/b' }]).map(({ path }) => path)).toEqual(['/a', '/b'])
})

test('JSON goes with its media type', () => {
  const [item] = read([{ id: 'x', method: 'POST', path: '/a', json: { n: 1 } }])
  expect(item).toEqual({
    id: 'x',
    method: 'POST',
    path: '/a',
    headers: { 'content-type': 'application/json' },
    body: '{"n":1}',
  })
})

test("JSON null is a body, and another media type is the client's to say", () => {
  const headers = { 'Content-Type': 'application/merge-patch+json' }
  const [item] = read([{ method: 'PATCH', path: '/a', json: null, headers }])
  expect(item).toMatchObject({
    body: 'null',
    headers: { 'content-type': 'application/merge-patch+json' },
  })
})

test('who calls is said once for all; what describes the body, the form and conditions is not', () => {
  const received = {
    authorization: 'Bearer t',
    cookie: 'a=1',
    'x-api-key': 'k',
    host: 'api.example.com',
    'accept-language': 'de',
    'content-type': 'application/json',
    'content-length': '10',
    'content-encoding': 'gzip',
    accept: 'text/csv',
    'accept-encoding': 'gzip',
    'if-none-match': '"a"',
    range: 'bytes=0-1',
    'idempotency-key': '"k"',
    traceparent: 't',
  }
  expect(
    read([{ path: '/a', headers: { 'Accept-Language': 'fr' } }], received)[0]?.headers,
  ).toEqual({
    authorization: 'Bearer t',
    cookie: 'a=1',
    'x-api-key': 'k',
    host: 'api.example.com',
    'accept-language': 'fr',
  })
})

test('fields of one request are not those of the next', () => {
  const items = read([{ path: '/a', headers: { 'X-A': '1' } }, { path: '/b' }])
  expect(items[1]?.headers).toEqual({})
})

test('names such as __proto__ and constructor are data', () => {
  const headers = JSON.parse('{"constructor":"c"}') as Record<string, string>
  expect(read([{ path: '/a', headers }])[0]?.headers).toEqual({ constructor: 'c' })
})

test.each([
  ['no list', { requests: {} }, '/requests'],
  ['an empty list', [], '/requests'],
  ['a control in a query', [{ path: '/a?b=\u0001' }], '/requests/0/path'],
  ['half a character', [{ path: '/\ud800' }], '/requests/0/path'],
  ['too many', [{ path: '/a' }, { path: '/a' }, { path: '/a' }], '/requests'],
  ['no object', ['/a'], '/requests/0'],
  ['no path', [{ method: 'GET' }], '/requests/0/path'],
  ['an absolute URL', [{ path: 'https://evil.example/' }], '/requests/0/path'],
  ['a backslash', [{ path: '/\\evil.example' }], '/requests/0/path'],
  ['a line break', [{ path: '/a\r\nX: 1' }], '/requests/0/path'],
  ['a fragment', [{ path: '/a#b' }], '/requests/0/path'],
  ['a method in small letters', [{ path: '/a', method: 'get' }], '/requests/0/method'],
  ['CONNECT', [{ path: '/a', method: 'CONNECT' }], '/requests/0/method'],
  ['a body with GET', [{ path: '/a', json: {} }], '/requests/0'],
  ['two bodies', [{ path: '/a', method: 'POST', json: {}, body: '' }], '/requests/0'],
  ['a body that is no text', [{ path: '/a', method: 'POST', body: 1 }], '/requests/0/body'],
  ['an unknown key', [{ path: '/a', url: '/b' }], '/requests/0'],
  [
    'a repeated id',
    [
      { id: 1, path: '/a' },
      { id: 1, path: '/a' },
    ],
    '/requests/1/id',
  ],
  ['an id that is an object', [{ id: {}, path: '/a' }], '/requests/0/id'],
  ['a host of its own', [{ path: '/a', headers: { Host: 'b' } }], '/requests/0/headers'],
  [
    'a forged address',
    [{ path: '/a', headers: { 'X-Forwarded-For': '::1' } }],
    '/requests/0/headers',
  ],
  ['a gateway field', [{ path: '/a', headers: { 'Isogate-Caller': 'x' } }], '/requests/0/headers'],
  ['a line break in a field', [{ path: '/a', headers: { 'X-A': 'a\nb' } }], '/requests/0/headers'],
  ['a field that is no text', [{ path: '/a', headers: { 'X-A': 1 } }], '/requests/0/headers'],
])('%s is refused, with its place', (_what, value, pointer) => {
  const batch = readBatch(value, { received: none, maxRequests: 2 })
  expect(batch).toMatchObject({ kind: 'refused', code: 'BATCH_INVALID', members: { pointer } })
})

test('fields that look like a refusal are fields', () => {
  const headers = { kind: 'refused', code: 'x' }
  expect(read([{ path: '/a', headers }])[0]?.headers).toEqual(headers)
})
