import { deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { streamInPieces } from '../../../test/doubles/streams.ts'
import { makeGateway } from '../../../test/gateway.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import { transformResponseSchema } from './schema.ts'

interface Asked {
  readonly target?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

function makeOne(policies: object | readonly object[], answer: (call: NetworkCall) => Response) {
  const list = Array.isArray(policies) ? policies : [policies]
  return makeGateway(
    {
      version: 1,
      upstreams: { a: { targets: ['http://127.0.0.1:9'] } },
      routes: [
        {
          name: 'r',
          match: { path: '/*' },
          policies: list.map((one) => ({ use: 'transform-response', ...one })),
          upstream: 'a',
        },
      ],
    },
    { answer },
  )
}

async function get(
  policies: object | readonly object[],
  answer: Response | ((call: NetworkCall) => Response),
  ask: Asked = {},
) {
  const gateway = makeOne(policies, typeof answer === 'function' ? answer : () => answer)
  const response = await gateway.ask(ask)
  const { status, headers } = response
  const text = await response.text()
  const outcome = gateway.events[0]?.policies['transform-response-1']
  const [call] = gateway.calls
  expect(gateway.bugs).toEqual([])
  return { status, headers, text, outcome, call }
}

function json(text: string, headers: Readonly<Record<string, string>> = {}, status = 200) {
  return new Response(text, { status, headers: { 'content-type': 'application/json', ...headers } })
}

test('a body is changed, and every field that told of the old one with it', async () => {
  const answer = json('{"a":1,"b":2}', {
    'content-length': '13',
    'content-md5': 'x',
    digest: 'x',
    'repr-digest': 'x',
    'accept-ranges': 'bytes',
    'x-other': '1',
    etag: '"abc"',
  })
  const { text, headers, outcome } = await get({ omit: ['b'] }, answer)
  expect(text).toBe('{"a":1}')
  for (const name of ['content-length', 'content-md5', 'digest', 'repr-digest', 'accept-ranges']) {
    expect(headers.get(name)).toBeNull()
  }
  expect(headers.get('x-other')).toBe('1')
  expect(headers.get('etag')).toMatch(/^W\/"abc;[0-9a-f]{16}"$/)
  expect(outcome).toBe('changed')
})

test.each([
  [
    'xml',
    { to: 'xml', xml: { root: 'u', declaration: false } },
    'application/xml',
    '<u><a>1</a></u>',
  ],
  ['csv', { to: 'csv' }, 'text/csv; charset=utf-8', 'a\r\n1\r\n'],
  ['form', { to: 'form' }, 'application/x-www-form-urlencoded', 'a=1'],
  ['cbor', { to: 'cbor' }, 'application/cbor', '\u00a1aa\u0001'],
  ['msgpack', { to: 'msgpack' }, 'application/vnd.msgpack', '\u0081\u00a1a\u0001'],
])('JSON goes out as %s', async (_format, options, type, expected) => {
  const gateway = makeOne(options, () => json('{"a":1}'))
  const response = await gateway.ask()
  expect(response.headers.get('content-type')).toBe(type)
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect(String.fromCharCode(...bytes)).toBe(expected)
  // The service is asked for what it can send.
  expect(gateway.calls[0]?.headers.accept).toBe('application/json')
})

test('XML goes out as JSON', async () => {
  const answer = new Response('<u id="1"><n>A</n></u>', { headers: { 'content-type': 'text/xml' } })
  const { text, headers } = await get({ from: 'xml', unwrap: 'u' }, answer)
  expect(text).toBe('{"@id":"1","n":"A"}')
  expect(headers.get('content-type')).toBe('application/json')
})

test('text in another character set goes out in UTF-8, though nothing else is to be done', async () => {
  const answer = new Response(new Uint8Array([0x22, 0xe9, 0x22]), {
    headers: { 'content-type': 'application/json; charset=latin1' },
  })
  const { text, headers } = await get({ to: 'json' }, answer)
  expect(text).toBe('"é"')
  expect(headers.get('content-type')).toBe('application/json')
})

test('a media type of its own stays where the format does', async () => {
  const answer = new Response('1', { headers: { 'content-type': 'application/hal+json' } })
  expect((await get({ wrap: 'a' }, answer)).headers.get('content-type')).toBe(
    'application/hal+json',
  )
})

const many = { negotiate: ['json', 'xml', 'cbor', 'msgpack'] }

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/xml', 'application/xml'],
  ['text/xml', 'text/xml'],
  ['application/json;q=0.5, application/xml', 'application/xml'],
  ['application/cbor;q=0.9, application/xml;q=0.8', 'application/cbor'],
  ['application/x-msgpack', 'application/x-msgpack'],
  ['application/*, application/json;q=0', 'application/xml'],
])('Accept: %s gets %s', async (accept, type) => {
  const headers: Record<string, string> = accept === undefined ? {} : { accept }
  const got = await get(many, json('{"a":1}'), { headers })
  expect(got.headers.get('content-type')).toBe(type)
  expect(got.headers.get('vary')).toBe('Accept')
  expect(got.call?.headers.accept).toBe('application/json')
})

test('where nothing is acceptable the service is not asked', async () => {
  const got = await get(many, json('1'), { headers: { accept: 'image/png' } })
  expect(got.status).toBe(406)
  expect(JSON.parse(got.text)).toMatchObject({
    code: 'NOT_ACCEPTABLE',
    available: [
      'application/json',
      'application/xml',
      'application/cbor',
      'application/vnd.msgpack',
    ],
  })
  expect(got.headers.get('vary')).toBe('Accept')
  expect(got.call).toBeUndefined()
})

test('the client chooses members, after all steps, by a parameter that goes no further', async () => {
  const answer = () => json('{"a":1,"b":{"c":2,"d":3},"e":[{"f":1,"g":2}]}')
  const fields = { fields: true, rename: { a: 'x' } }
  const got = await get(fields, answer, { target: '/?p=1&fields=x,b.c,e.f' })
  expect(got.text).toBe('{"x":1,"b":{"c":2},"e":[{"f":1}]}')
  expect(got.call?.url).toBe('http://127.0.0.1:9/?p=1')
  const whole = await get(fields, answer, { target: '/?p=1' })
  expect(JSON.parse(whole.text)).toHaveProperty('b.d')
  const other = await get({ fields: 'only' }, answer, { target: '/?only=a&fields=b' })
  expect(other.text).toBe('{"a":1}')
})

test('a partial answer keeps its errors, whatever members the client chose', async () => {
  const body = '{"a":{"x":1,"y":2},"b":null,"errors":[{"call":"b"}]}'
  const ask = (complete: string) =>
    get({ fields: true }, json(body, { 'isogate-complete': complete }), { target: '/?fields=a.x' })
  expect((await ask('false')).text).toBe('{"a":{"x":1},"errors":[{"call":"b"}]}')
  expect((await ask('true')).text).toBe('{"a":{"x":1}}')
})

test('a list of fields that is none is refused before the service is asked', async () => {
  const got = await get({ fields: true }, json('1'), { target: '/?fields=a,,b' })
  expect(got.status).toBe(400)
  expect(JSON.parse(got.text)).toMatchObject({ code: 'FIELDS_INVALID', parameter: 'fields' })
  expect(got.call).toBeUndefined()
})

test.each([404, 500, 206, 304, 204])('an answer of %i passes', async (status) => {
  const body = status === 304 || status === 204 ? null : '{"a":1}'
  const headers = { 'content-type': 'application/json' }
  const got = await get({ wrap: 'd' }, new Response(body, { status, headers }))
  expect(got.status).toBe(status)
  expect(got.text).toBe(body ?? '')
  expect(got.outcome).toBe('passed')
})

test('other statuses are changed where the table names them', async () => {
  const options = { wrap: 'd', statuses: ['4xx', 503] }
  expect((await get(options, json('1', {}, 404))).text).toBe('{"d":1}')
  expect((await get(options, json('1', {}, 503))).text).toBe('{"d":1}')
  expect((await get(options, json('1'))).text).toBe('1')
})

test('a problem of the gateway passes unshaped', async () => {
  const got = await get({ wrap: 'd', statuses: ['2xx', '5xx'] }, () => {
    throw new Error('connection refused')
  })
  expect(got.status).toBe(502)
  expect(JSON.parse(got.text)).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
})

test('HEAD gets the fields of GET, without a length', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '7', etag: '"abc"' }
  const answer = () => new Response(null, { headers })
  const got = await get({ to: 'xml' }, answer, { method: 'HEAD' })
  expect(got.headers.get('content-type')).toBe('application/xml')
  expect(got.headers.get('content-length')).toBeNull()
  expect(got.headers.get('etag')).toMatch(/^W\/"abc;/)
})

test('a 304 says nothing of a body that the client never had', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '7', etag: '"abc"' }
  const got = await get({ to: 'xml' }, new Response(null, { status: 304, headers }))
  expect([...got.headers.keys()]).toEqual(['etag'])
  expect(got.headers.get('etag')).toMatch(/^W\/"abc;/)
})

test('services are asked for whole bodies without encoding', async () => {
  const headers = { range: 'bytes=0-1', 'accept-encoding': 'br', accept: 'text/html' }
  const { call } = await get({ wrap: 'a' }, json('1'), { headers })
  expect(call?.headers.range).toBeUndefined()
  expect(call?.headers['accept-encoding']).toBe('identity')
  // The format stays that of the service: what the client accepts is for it to judge.
  expect(call?.headers.accept).toBe('text/html')
})

test.each([
  ['gzip', gzipSync('{"a":1}')],
  ['x-gzip', gzipSync('{"a":1}')],
  ['deflate', deflateSync('{"a":1}')],
  ['gzip, gzip', gzipSync(gzipSync('{"a":1}'))],
  // The runtime takes these off by itself, and leaves the field.
  ['gzip', Buffer.from('{"a":1}')],
  ['br', Buffer.from('{"a":1}')],
])('what comes with %s all the same is decoded', async (coding, bytes) => {
  const got = await get({ wrap: 'd' }, () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': coding }
    return new Response(new Uint8Array(bytes), { headers })
  })
  expect(got.text).toBe('{"d":{"a":1}}')
  expect(got.headers.get('content-encoding')).toBeNull()
})

const huge = `[${'1,'.repeat(600)}1]`
const small = { wrap: 'd', maxBytes: 1000 }

test.each([
  ['no JSON', json('{"a":'), 'UPSTREAM_BODY_INVALID'],
  ['nothing but levels', json('['.repeat(100_000)), 'UPSTREAM_BODY_INVALID'],
  [
    'no text',
    new Response(new Uint8Array([0x22, 0xff]), { headers: { 'content-type': 'text/json' } }),
    'UPSTREAM_BODY_INVALID',
  ],
  ['no gzip', json('\u001f\u008bxx', { 'content-encoding': 'gzip' }), 'UPSTREAM_BODY_INVALID'],
  [
    'an encoding that nobody knows',
    json('1', { 'content-encoding': 'zstd' }),
    'UPSTREAM_BODY_INVALID',
  ],
  ['a long body', json(huge), 'UPSTREAM_BODY_TOO_LARGE'],
  ['a long body that says so', json(huge, { 'content-length': '1203' }), 'UPSTREAM_BODY_TOO_LARGE'],
  [
    'a bomb',
    new Response(new Uint8Array(gzipSync('0'.repeat(1_000_000))), {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    }),
    'UPSTREAM_BODY_TOO_LARGE',
  ],
  [
    'a body that breaks off',
    new Response(brokenStream(), { headers: { 'content-type': 'application/json' } }),
    'UPSTREAM_BODY_INVALID',
  ],
])('%s is a 502', async (_what, answer, code) => {
  const got = await get({ ...small, maxBytes: code.endsWith('LARGE') ? 1000 : 200_000 }, answer)
  expect(got.status).toBe(502)
  expect(JSON.parse(got.text)).toMatchObject({ code })
  expect(got.outcome).toMatch(/^refused:body-/)
})

function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('[1,'))
    },
    pull(controller) {
      controller.error(new Error('reset'))
    },
  })
}

test('with `pass` a long body goes out byte by byte, also where the bound is hit amid the stream', async () => {
  const headers = { 'content-type': 'application/json', etag: '"abc"' }
  for (const answer of [
    json(huge, headers),
    new Response(streamInPieces(huge, 100), { headers }),
  ]) {
    const got = await get({ ...small, onTooLarge: 'pass' }, answer)
    expect(got.text).toBe(huge)
    // The bytes are those that the tag was of, and the tag still says whose it is.
    expect(got.headers.get('etag')).toMatch(/^"abc;[0-9a-f]{16}"$/)
    expect(got.outcome).toBe('passed')
  }
})

test.each([
  ['text/event-stream', {}],
  ['application/x-ndjson', {}],
  ['text/plain', { from: 'xml' }],
  ['application/json', { from: 'xml', to: 'json' }],
  ['application/json', { to: 'json' }],
])('a stream of %s without end is passed on as it comes', async (type, options) => {
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('first')),
  })
  const gateway = makeOne(
    { ...(Object.keys(options).length === 0 ? { wrap: 'd' } : options) },
    () => {
      return new Response(endless, { headers: { 'content-type': type } })
    },
  )
  const response = await gateway.ask()
  const reader = response.body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first')
  await reader?.cancel()
})

test('a request to upgrade goes on with all that it says', async () => {
  const headers = { upgrade: 'websocket', connection: 'upgrade', 'accept-encoding': 'gzip' }
  const answer = new Response('no', { status: 400, headers: { 'content-type': 'text/plain' } })
  const got = await get({ negotiate: ['xml'] }, answer, { headers: { ...headers, accept: 'a/b' } })
  expect(got.call?.headers).toMatchObject({ 'accept-encoding': 'gzip', accept: 'a/b' })
})

test('an answer that is as it is wanted is the very same object', async () => {
  const answer = json('{"a":1}')
  const gateway = makeOne({ to: 'json' }, () => answer)
  expect(await gateway.ask()).toBe(answer)
})

test('two transforms: the last in the list is first, and the other gets its value', async () => {
  const got = await get([{ wrap: 'outer' }, { wrap: 'inner' }], json('1'))
  expect(got.text).toBe('{"outer":{"inner":1}}')
})

const envelope = (body: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
const xml = (text: string, status = 200) =>
  new Response(text, { status, headers: { 'content-type': 'text/xml' } })

test('a value is taken out of its envelope', async () => {
  const answer = xml(envelope('<GetUserResponse><name>Ada</name></GetUserResponse>'))
  const got = await get({ soap: {}, unwrap: 'GetUserResponse' }, answer)
  expect(got.text).toBe('{"name":"Ada"}')
})

const fault = envelope(
  '<s:Fault><faultcode>s:Client</faultcode><faultstring>No such user.</faultstring></s:Fault>',
)

test('a fault is a problem, with a status of its own by choice', async () => {
  const got = await get({ soap: {} }, xml(fault, 500))
  expect(got.status).toBe(502)
  expect(JSON.parse(got.text)).toMatchObject({
    code: 'SOAP_FAULT',
    faultCode: 'Client',
    faultString: 'No such user.',
  })
  expect((await get({ soap: { faults: { Client: 404 } } }, xml(fault, 200))).status).toBe(404)
})

test('a failure of a service that is no fault passes', async () => {
  const got = await get({ soap: {} }, xml('<oops/>', 500))
  expect([got.status, got.text]).toEqual([500, '<oops/>'])
})

test('XML with a DTD is refused', async () => {
  const answer = xml('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>')
  const got = await get({ from: 'xml' }, answer)
  expect(JSON.parse(got.text)).toMatchObject({ code: 'UPSTREAM_BODY_INVALID' })
})

test('what the expression reads of the request stands in Vary and in the tag', async () => {
  const options = { json: '{ "lang": $header.`accept-language` }' }
  const tagOf = async (lang: string) => {
    const headers = { 'accept-language': lang }
    const got = await get(options, json('1', { etag: '"abc"' }), { headers })
    expect(got.headers.get('vary')).toBe('accept-language')
    return got.headers.get('etag')
  }
  expect(await tagOf('de')).toBe(await tagOf('de'))
  expect(await tagOf('de')).not.toBe(await tagOf('fr'))
})

test.each([
  [{ wrap: 'd' }, json('1'), 'would-change'],
  [{ to: 'json' }, json('1'), 'would-pass'],
  [{ wrap: 'd' }, new Response('x'), 'would-pass'],
  [{ coerce: { a: 'number' } }, json('{"a":"x"}'), 'would-refuse:coerce'],
  [{ json: 'a + 1' }, json('{"a":"x"}'), expect.stringMatching(/^would-refuse/)],
  [{ wrap: 'd' }, json('no JSON'), 'would-refuse:body-invalid'],
  [{ wrap: 'd', maxBytes: 10 }, json(huge), 'would-refuse:body-too-large'],
  [{ negotiate: ['xml'] }, json('1'), 'would-refuse'],
  [{ fields: true }, json('1'), 'would-refuse'],
])('in shadow mode %j leaves the answer', async (options, answer, expected) => {
  const before = await answer.clone().text()
  const headers = { accept: 'application/json', range: 'bytes=0-1' }
  const got = await get({ ...options, mode: 'shadow' }, answer, { target: '/?fields=', headers })
  expect(got.status).toBe(200)
  expect(got.text).toBe(before)
  expect(got.headers.get('vary')).toBeNull()
  expect(got.call?.headers).toMatchObject(headers)
  expect(got.outcome).toEqual(expected)
})

test.each([
  ['nothing to do', {}],
  ['a format beside those that Accept chooses from', { to: 'xml', negotiate: ['json'] }],
  ['a format twice', { negotiate: ['json', 'json'] }],
  ['an envelope that is no XML', { from: 'json', soap: {} }],
  ['options of XML without XML', { wrap: 'a', xml: { root: 'a' } }],
  ['a status that is none', { wrap: 'a', statuses: [99] }],
  ['a class that is none', { wrap: 'a', statuses: ['1xx'] }],
])('%s is a problem of the document', (_what, options) => {
  const entry = { use: 'transform-response', ...options }
  expect(transformResponseSchema.safeParse(entry).success).toBe(false)
})
