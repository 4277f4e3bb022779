import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { streamInPieces } from '../../../test/doubles/streams.ts'
import { makeGateway } from '../../../test/gateway.ts'
import { transformRequestSchema } from './schema.ts'

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

async function send(
  policies: object | readonly object[],
  ask: { readonly target?: string; readonly method?: string; readonly type?: string } & {
    readonly body?: BodyInit | null
    readonly headers?: Readonly<Record<string, string>>
  },
) {
  const sent: Sent[] = []
  const list = Array.isArray(policies) ? policies : [policies]
  const gateway = makeGateway(
    {
      version: 1,
      upstreams: { a: { targets: ['http://127.0.0.1:9'] } },
      routes: [
        {
          name: 'r',
          match: { path: '/*' },
          policies: list.map((one) => ({ use: 'transform-request', ...one })),
          upstream: 'a',
        },
      ],
    },
    {
      answer: async ({ method, url, headers, body }) => {
        const text = body === null ? null : await new Response(body).text()
        sent.push({ method, url, headers, body: text })
        return new Response('ok')
      },
    },
  )
  const { target = '/x', method = 'POST', body = null, type = 'application/json' } = ask
  const headers = { ...(body === null ? {} : { 'content-type': type }), ...ask.headers }
  const init = body instanceof ReadableStream ? { duplex: 'half' } : {}
  const response = await gateway.ask({ target, method, headers, body, ...init })
  const problem = response.status === 200 ? null : await response.json()
  const outcome = gateway.events[0]?.policies['transform-request-1']
  return { status: response.status, problem, sent: sent[0], outcome, bugs: gateway.bugs }
}

const user = { json: '{ "userId": "user_" & user_id, "timestamp": $millis() }' }

test('the example of the issue: a member is renamed, typed and stamped', async () => {
  const { sent, outcome } = await send(user, { body: '{ "user_id": 123 }' })
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    userId: 'user_123',
    timestamp: expect.any(Number),
  })
  expect(sent?.headers['content-type']).toBe('application/json')
  expect(outcome).toBe('changed')
})

test.each([
  [
    'xml → json',
    { from: 'xml' },
    'text/xml',
    '<u id="1"><n>A</n></u>',
    'application/json',
    '{"u":{"@id":"1","n":"A"}}',
  ],
  [
    'json → form',
    { to: 'form' },
    'application/json',
    '{"a":"x y","b":[1,2]}',
    'application/x-www-form-urlencoded',
    'a=x+y&b=1&b=2',
  ],
  [
    'form → json',
    { from: 'form' },
    'application/x-www-form-urlencoded',
    'a=1&b=x%20y',
    'application/json',
    '{"a":"1","b":"x y"}',
  ],
  [
    'csv → json',
    { from: 'csv' },
    'text/csv',
    'a,b\r\n1,2\r\n',
    'application/json',
    '[{"a":"1","b":"2"}]',
  ],
  [
    'json → csv',
    { to: 'csv' },
    'application/json',
    '[{"a":1,"b":"x,y"}]',
    'text/csv; charset=utf-8',
    'a,b\r\n1,"x,y"\r\n',
  ],
  [
    'a type of its own',
    { wrap: 'd' },
    'application/vnd.shop+json',
    '1',
    'application/vnd.shop+json',
    '{"d":1}',
  ],
])('%s', async (_what, options, type, body, sentType, sentBody) => {
  const { sent } = await send(options, { type, body })
  expect(sent?.headers['content-type']).toBe(sentType)
  expect(sent?.body).toBe(sentBody)
})

test('JSON becomes XML with a root', async () => {
  const { sent } = await send(
    { to: 'xml', xml: { root: 'user', declaration: false } },
    { body: '{"n":"A&B"}' },
  )
  expect(sent?.headers['content-type']).toBe('application/xml')
  expect(sent?.body).toBe('<user><n>A&amp;B</n></user>')
})

test('a value goes into an envelope, with its SOAPAction', async () => {
  const soap = { version: '1.1', operation: 'GetUser', namespace: 'urn:u', action: 'urn:u#Get' }
  const { sent } = await send({ soap }, { body: '{"id":7}' })
  expect(sent?.headers['content-type']).toBe('text/xml; charset=utf-8')
  expect(sent?.headers.soapaction).toBe('"urn:u#Get"')
  expect(sent?.body).toContain('<GetUser xmlns="urn:u"><id>7</id></GetUser>')
})

test('a query becomes the body of a POST, and goes no further', async () => {
  const { sent } = await send(
    { from: 'query', coerce: { n: 'integer' } },
    { method: 'GET', target: '/x?n=5&q=a' },
  )
  expect(sent).toMatchObject({
    method: 'POST',
    url: 'http://127.0.0.1:9/x',
    body: '{"n":5,"q":"a"}',
  })
})

test('a body becomes the query, with the method that the table names', async () => {
  const { sent } = await send(
    { to: 'query', method: 'GET' },
    { target: '/x?old=1', body: '{"a":"x y"}' },
  )
  expect(sent).toMatchObject({ method: 'GET', url: 'http://127.0.0.1:9/x?a=x+y', body: null })
  expect(sent?.headers['content-type']).toBeUndefined()
})

test('of a request without body nothing is read, changed or said', async () => {
  const { sent, outcome } = await send({ ...user, method: 'PUT' }, { method: 'GET' })
  expect(sent).toMatchObject({ method: 'GET', body: null })
  expect(outcome).toBe('passed')
})

test('digests, lengths and the like of the old body do not go on', async () => {
  const headers = { 'content-md5': 'x', digest: 'x', 'content-digest': 'x', 'x-other': '1' }
  const { sent } = await send(user, { body: '{"user_id":1}', headers })
  for (const name of ['content-md5', 'digest', 'content-digest', 'content-length']) {
    expect(sent?.headers[name]).toBeUndefined()
  }
  expect(sent?.headers['x-other']).toBe('1')
})

test('a body in another character set goes on in UTF-8', async () => {
  const body = new Uint8Array([0x22, 0xe9, 0x22])
  const { sent } = await send({ wrap: 'a' }, { type: 'application/json; charset=iso-8859-1', body })
  expect(sent?.body).toBe('{"a":"é"}')
  expect(sent?.headers['content-type']).toBe('application/json')
})

test('two transforms are one after the other', async () => {
  const { sent } = await send([{ wrap: 'a' }, { wrap: 'b' }, { to: 'form', unwrap: 'b' }], {
    body: '"x"',
  })
  expect(sent?.body).toBe('a=x')
})

const huge = `[${'1,'.repeat(600)}1]`
const bomb = gzipSync('0'.repeat(100_000))

test.each([
  ['no JSON', { body: '{"a":' }, 400, 'BODY_INVALID'],
  ['nothing but levels', { body: '['.repeat(100_000) }, 400, 'BODY_INVALID'],
  ['bytes that are no text', { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'BODY_INVALID'],
  [
    'a character set that nobody knows',
    { body: '1', type: 'application/json; charset=klingon' },
    415,
    'MEDIA_TYPE_UNSUPPORTED',
  ],
  ['a bomb', { body: bomb, headers: { 'content-encoding': 'gzip' } }, 415, 'BODY_ENCODED'],
  ['what has no such type', { body: '{"n":"x"}' }, 400, 'BODY_INVALID'],
] as const)('%s is refused and not sent', async (_what, ask, status, code) => {
  const { problem, sent, outcome, ...got } = await send({ coerce: { n: 'number' } }, ask)
  expect(got.status).toBe(status)
  expect(problem).toMatchObject({ code })
  expect(sent).toBeUndefined()
  expect(outcome).toMatch(/^refused/)
})

test('XML with a DTD is refused', async () => {
  const body = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
  const { problem } = await send({ from: 'xml' }, { type: 'application/xml', body })
  expect(problem).toMatchObject({ code: 'BODY_INVALID' })
})

test('a value that the format has no place for is refused', async () => {
  const { problem } = await send({ to: 'query' }, { body: '"text"' })
  expect(problem).toMatchObject({ code: 'BODY_INVALID' })
})

test('a body past the bound is 413, also where only the stream tells', async () => {
  for (const body of [huge, streamInPieces(huge, 10)]) {
    const { problem, sent } = await send({ wrap: 'a', maxBytes: 1000 }, { body })
    expect(problem).toMatchObject({ code: 'BODY_TOO_LARGE', maxBytes: 1000 })
    expect(sent).toBeUndefined()
  }
})

test('with `pass` it goes on byte by byte, also where the bound is hit amid the stream', async () => {
  for (const body of [huge, streamInPieces(huge, 10)]) {
    const options = { wrap: 'a', maxBytes: 1000, onTooLarge: 'pass' }
    const { sent, outcome } = await send(options, { body })
    expect(sent?.body).toBe(huge)
    expect(outcome).toBe('passed')
  }
})

test('another media type passes as the stream that it is, or is refused by choice', async () => {
  const ask = { type: 'image/png', body: streamInPieces('not JSON', 10) }
  const { sent, outcome } = await send({ wrap: 'a' }, ask)
  expect(sent).toMatchObject({ body: 'not JSON', headers: { 'content-type': 'image/png' } })
  expect(outcome).toBe('passed')
  const { problem } = await send({ wrap: 'a', onOtherType: 'refuse' }, { ...ask, body: 'x' })
  expect(problem).toMatchObject({
    code: 'MEDIA_TYPE_UNSUPPORTED',
    status: 415,
    supported: ['application/json'],
  })
})

test('a body without a byte passes', async () => {
  const { sent, outcome } = await send({ wrap: 'a' }, { body: '' })
  expect(sent?.body ?? '').toBe('')
  expect(outcome).toBe('passed')
})

test.each([
  [user, '{"user_id":1}', 'would-change'],
  [{ coerce: { a: 'number' } }, '{"a":"x"}', 'would-refuse:coerce'],
  [{ json: 'a + 1' }, '{"a":"x"}', expect.stringMatching(/^would-refuse/)],
  [{ wrap: 'a' }, 'no JSON', 'would-refuse'],
  [{ wrap: 'a', maxBytes: 10 }, huge, 'would-refuse'],
  [{ wrap: 'a', maxBytes: 10, onTooLarge: 'pass' }, huge, 'would-pass'],
])('in shadow mode %j leaves %s as it is', async (options, text, expected) => {
  for (const body of [text, streamInPieces(text, 10)]) {
    const { sent, outcome } = await send({ ...options, mode: 'shadow' }, { body })
    expect(sent?.body).toBe(text)
    expect(sent?.headers['content-type']).toBe('application/json')
    expect(outcome).toEqual(expected)
  }
})

test.each([
  ['nothing to do', {}],
  ['an envelope that is no XML', { to: 'json', soap: { version: '1.1' } }],
  ['options of XML without XML', { to: 'json', xml: { root: 'a' } }],
  ['a body with GET', { wrap: 'a', method: 'GET' }],
  ['a bound of a body that is not read', { from: 'query', maxBytes: 1 }],
  ['an unknown format', { to: 'yaml' }],
])('%s is a problem of the document', (_what, options) => {
  const entry = { use: 'transform-request', ...options }
  expect(transformRequestSchema.safeParse(entry).success).toBe(false)
})
