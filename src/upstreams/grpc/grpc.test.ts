import { expect, test } from 'vitest'
import { base64Of, descriptorSet } from '../../../test/doubles/descriptors.ts'
import { makeService, type Reply } from '../../../test/doubles/procedures.ts'
import { type Ask, type Given, makeGateway } from '../../../test/gateway.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'

const set = descriptorSet()

interface Parts extends Given {
  readonly grpc?: object
  readonly upstream?: object
  readonly route?: object
  readonly reply?: (count: number) => Reply
}

function setUp({ grpc = {}, upstream = {}, route = {}, reply, ...given }: Parts = {}) {
  let count = 0
  const service = makeService(set, () => {
    count += 1
    return reply?.(count) ?? { messages: [{ id: '7', displayName: 'Ann' }] }
  })
  const descriptors = { base64: base64Of(set) }
  const table = {
    version: 1,
    upstreams: {
      users: {
        kind: 'grpc',
        targets: ['http://users.internal'],
        grpc: { descriptors, ...grpc },
        ...upstream,
      },
    },
    routes: [{ name: 'users', match: { path: '/*' }, upstream: 'users', ...route }],
  }
  const ports = { memories: makeMemories() }
  const gateway = makeGateway(table, { answer: service.answer, ports, ...given })
  async function ask(target: string, more: Ask = {}) {
    const response = await gateway.ask({ target, ...more })
    const text = await response.text()
    return { response, status: response.status, text, json: parse(text) }
  }
  return { ...gateway, asked: service.asked, ask }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

const post = (body: unknown, method = 'POST'): Ask => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const protocols = ['connect', 'grpc-web'] as const

test.each(protocols)('a GET becomes a call over %s, and its message JSON', async (protocol) => {
  const { ask, asked, calls } = setUp({ grpc: { protocol } })
  const { status, json, response } = await ask('/v1/users/7?limit=3')
  expect([status, json]).toEqual([200, { id: '7', displayName: 'Ann' }])
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(asked).toMatchObject([
    { procedure: '/users.v1.Users/GetUser', message: { id: '7', limit: 3 } },
  ])
  expect(calls).toMatchObject([
    { method: 'POST', url: 'http://users.internal/users.v1.Users/GetUser' },
  ])
})

test('parameters become of the type of their fields, nested and repeated ones too', async () => {
  const { ask, asked } = setUp()
  const query =
    'limit=5&roles=ROLE_ADMIN&roles=0&since=2026-01-02T03:04:05Z&max_age=1.5s&mask=displayName,age' +
    '&nickname=Bo&address.zip_code=10115&address.city=Berlin&cursor=9007199254740993&strict=true' +
    '&ratio=0.5&ids=1&ids=2&most=4'
  expect((await ask(`/v1/users/7?${query}`)).status).toBe(200)
  expect(asked[0]?.message).toEqual({
    id: '7',
    limit: 5,
    roles: ['ROLE_ADMIN', 'ROLE_UNSPECIFIED'],
    since: '2026-01-02T03:04:05Z',
    maxAge: '1.500s',
    mask: 'displayName,age',
    nickname: 'Bo',
    address: { city: 'Berlin', zipCode: 10115 },
    cursor: '9007199254740993',
    strict: true,
    ratio: 0.5,
    ids: ['1', '2'],
    most: 4,
  })
})

test('a mask takes names as the document has them', async () => {
  const { ask, asked } = setUp()
  expect((await ask('/v1/users/7?mask=display_name,address.zip_code')).status).toBe(200)
  expect(asked[0]?.message).toMatchObject({ mask: 'displayName,address.zipCode' })
})

test('a body is the message, or one field of it with another from the path', async () => {
  const { ask, asked } = setUp()
  await ask('/v1/users', post({ id: '8', display_name: 'Bo', labels: { a: 1 }, extra: { x: [1] } }))
  await ask('/v1/users/8?mask=age', post({ id: 'forged', age: 40 }, 'PATCH'))
  expect(asked.map(({ message }) => message)).toEqual([
    { id: '8', displayName: 'Bo', labels: { a: 1 }, extra: { x: [1] } },
    { user: { id: '8', age: 40 }, mask: 'age' },
  ])
})

test.each([5, 'text', [], true])(
  'a body of %j is refused where fields of it come from the path',
  async (body) => {
    const { ask, asked } = setUp()
    const { status, json } = await ask('/v1/users/7', post(body, 'PATCH'))
    expect([status, json.code, json.field, asked.length]).toEqual([
      400,
      'RPC_REQUEST_INVALID',
      'user',
      0,
    ])
  },
)

test('a further binding, a verb and a field of the answer are followed', async () => {
  const names = { messages: [{ names: ['a', 'b'] }] }
  const { ask, asked } = setUp({ reply: (count) => (count === 3 ? names : { messages: [{}] }) })
  await ask('/v1/people/x%2Fy')
  await ask('/v1/users/7:ban', post(null))
  expect((await ask('/v1/names')).json).toEqual(['a', 'b'])
  expect(asked).toMatchObject([
    { procedure: '/users.v1.Users/GetUser', message: { name: 'people/x%2Fy' } },
    { procedure: '/users.v1.Users/BanUser', message: { id: '7' } },
    { procedure: '/users.v1.Users/ListNames' },
  ])
})

test.each([
  ['GET', '/v1/nothing'],
  ['DELETE', '/v1/users/7'],
  ['POST', '/v1/uploads'],
])('%s %s, which no rule has, is RPC_NOT_FOUND', async (method, target) => {
  const { ask } = setUp()
  const { status, json } = await ask(target, { method })
  expect([status, json.code]).toEqual([404, 'RPC_NOT_FOUND'])
})

test.each([
  ['an unknown field', post({ id: '1', nope: 1 }), 'nope'],
  ['an unknown field within', post({ address: { city: 'x', zip: 1 } }), 'address.zip'],
  ['a field of a list element', post({ addresses: [{}, { city: 1 }] }), 'addresses.1.city'],
  ['a value of a map', post({ labels: { a: 1, b: 'x' } }), 'labels.b'],
  ['a value of an enum', post({ role: 'ROLE_GOD' }), 'role'],
  ['a time that is none', post({ createdAt: 'yesterday' }), 'createdAt'],
  ['a field under both names', post({ displayName: 'a', display_name: 'b' }), 'display_name'],
  ['a list where none is', post([1]), ''],
  ['__proto__', { ...post({}), body: '{"__proto__":{"a":1}}' }, '__proto__'],
])('%s is RPC_REQUEST_INVALID with its place', async (_what, sent, field) => {
  const { ask, calls } = setUp()
  const { status, json } = await ask('/v1/users', sent)
  expect([status, json.code, json.field, calls.length]).toEqual([
    400,
    'RPC_REQUEST_INVALID',
    field,
    0,
  ])
})

test.each([
  ['limit=x', 'limit'],
  ['limit=1&limit=2', 'limit'],
  ['strict=1', 'strict'],
  ['address=x', 'address'],
  ['address.nope=1', 'address.nope'],
  ['constructor=1', 'constructor'],
  ['id.x=1', 'id'],
])('the query %s is RPC_REQUEST_INVALID', async (query, field) => {
  const { ask } = setUp()
  expect((await ask(`/v1/users/7?${query}`)).json).toMatchObject({
    code: 'RPC_REQUEST_INVALID',
    field,
  })
})

test('with ignoreUnknown what the message does not have is passed over', async () => {
  const { ask, asked } = setUp({ grpc: { ignoreUnknown: true } })
  await ask('/v1/users', post({ id: '1', nope: { a: 1 } }))
  await ask('/v1/users/7?utm_source=x')
  expect(asked.map(({ message }) => message)).toEqual([{ id: '1' }, { id: '7' }])
})

test.each([
  ['text', 'text/plain', 'x', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['broken JSON', 'application/json', '{', 400, 'BODY_INVALID'],
])('a body that is %s is refused', async (_what, type, body, status, code) => {
  const { ask } = setUp()
  const reply = await ask('/v1/users', { method: 'POST', headers: { 'content-type': type }, body })
  expect([reply.status, reply.json.code]).toEqual([status, code])
})

test('a message above the cap is 413, from the client, and 502, from the service', async () => {
  const { ask } = setUp({
    grpc: { maxMessageBytes: 20 },
    reply: () => ({ messages: [{ id: 'x'.repeat(30) }] }),
  })
  expect((await ask('/v1/users', post({ id: 'x'.repeat(30) }))).json.code).toBe('BODY_TOO_LARGE')
  const { status, json } = await ask('/v1/users/7')
  expect([status, json.code]).toEqual([502, 'UPSTREAM_BODY_TOO_LARGE'])
})

test.each([
  ['application/proto', 200],
  ['application/json', 429],
])(
  'a body of %s that does not end is called off when the time of the call is over',
  async (type, status) => {
    let isCancelled = false
    const body = new ReadableStream({
      cancel() {
        isCancelled = true
      },
    })
    const clock = new MemoryClock()
    const answer = () => new Response(body, { status, headers: { 'content-type': type } })
    const { ask } = setUp({ upstream: { timeoutMs: 1_000 }, clock, answer })
    const asked = ask('/v1/users/7')
    await clock.advance(1_000)
    const { status: told, json } = await asked
    expect([told, json.code, isCancelled]).toEqual([504, 'UPSTREAM_TIMEOUT', true])
  },
)

test('integers of 64 bits stay exact, and defaults are told on demand', async () => {
  const reply = () => ({ messages: [{ credits: '9007199254740993', role: 'ROLE_ADMIN' }] })
  expect((await setUp({ reply }).ask('/v1/users/7')).json).toEqual({
    credits: '9007199254740993',
    role: 'ROLE_ADMIN',
  })
  const told = await setUp({ reply, grpc: { emitDefaults: true } }).ask('/v1/users/7')
  expect(told.json).toMatchObject({ id: '', age: 0, tags: [], active: false })
})

const notFound = { code: 'not_found', number: 5, http: 404, message: 'no user "7" ä' }

test.each(protocols)(
  'a status of the service over %s is a problem with its HTTP status',
  async (protocol) => {
    const { ask, events } = setUp({ grpc: { protocol }, reply: () => ({ failure: notFound }) })
    const { status, json } = await ask('/v1/users/7')
    expect(status).toBe(404)
    expect(json).toMatchObject({
      code: 'RPC_FAILED',
      grpcStatus: 'NOT_FOUND',
      grpcMessage: 'no user "7" ä',
    })
    expect(events).toMatchObject([{ status: 404, error: 'RPC_FAILED', upstream: 'users' }])
  },
)

test('the words of the service stay behind with hideMessages', async () => {
  const { ask } = setUp({ grpc: { hideMessages: true }, reply: () => ({ failure: notFound }) })
  const { json } = await ask('/v1/users/7')
  expect(json).toMatchObject({ grpcStatus: 'NOT_FOUND' })
  expect(json).not.toHaveProperty('grpcMessage')
})

test.each(protocols)(
  'details over %s are shown by the descriptors, or as bytes',
  async (protocol) => {
    // ErrorInfo { reason: "X", domain: "d" }, in an Any of a Status; and a type that nobody described.
    const known = Uint8Array.from([10, 1, 88, 18, 1, 100])
    const details = [
      { type: 'google.rpc.ErrorInfo', value: base64Of(known) },
      { type: 'a.Secret', value: 'AQI' },
    ]
    const status = base64Of(
      Buffer.concat(details.map(({ type, value }) => anyOf(type, Buffer.from(value, 'base64')))),
    )
    const failure = { code: 'resource_exhausted', number: 8, http: 429, details, status }
    const { ask } = setUp({
      grpc: { protocol },
      reply: () => ({ failure, headers: { 'retry-after': '7' } }),
    })
    const { response, json } = await ask('/v1/users/7')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7'])
    expect(json.details).toEqual([
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'X', domain: 'd' },
      { '@type': 'type.googleapis.com/a.Secret', value: 'AQI=' },
    ])
  },
)

/** Field 3 of a google.rpc.Status. */
function anyOf(type: string, value: Uint8Array): Uint8Array {
  const url = Buffer.from(`type.googleapis.com/${type}`)
  const any = Buffer.concat([
    Buffer.from([10, url.length]),
    url,
    Buffer.from([18, value.length]),
    value,
  ])
  return Buffer.concat([Buffer.from([26, any.length]), any])
}

test.each(protocols)(
  'a call over %s that failed is tried again where it may be',
  async (protocol) => {
    const unavailable = { failure: { code: 'unavailable', number: 14, http: 503 } }
    const reply = (count: number) => (count === 1 ? unavailable : { messages: [{ id: '7' }] })
    const upstream = { retry: { attempts: 2, backoff: { kind: 'constant', baseMs: 1, maxMs: 1 } } }
    const { ask, events } = setUp({ grpc: { protocol }, upstream, reply })
    expect((await ask('/v1/users/7')).json).toEqual({ id: '7' })
    expect(events).toMatchObject([{ tries: 2 }])
    const once = setUp({ grpc: { protocol }, upstream, reply })
    expect((await once.ask('/v1/users', post({ id: '1' }))).json).toMatchObject({
      grpcStatus: 'UNAVAILABLE',
    })
    // Its method says that it may be called twice, though HTTP does not.
    const idempotent = setUp({ grpc: { protocol }, upstream, reply })
    expect((await idempotent.ask('/v1/users/7:ban', post(null))).status).toBe(200)
  },
)

test.each([
  ['connect', 'connect-timeout-ms', '1500'],
  ['grpc-web', 'grpc-timeout', '1500m'],
] as const)('over %s the service is told in %s how long it has', async (protocol, field, value) => {
  const { ask, asked } = setUp({ grpc: { protocol }, upstream: { timeoutMs: 1500 } })
  await ask('/v1/users/7', { headers: { 'connect-timeout-ms': '9', 'grpc-timeout': '9m' } })
  expect(asked[0]?.headers[field]).toBe(value)
})

test('fields of the client go on as metadata, but for those of its own body', async () => {
  const { ask, asked } = setUp()
  await ask('/v1/users', {
    ...post({}),
    headers: {
      'content-type': 'application/json',
      'x-tenant': 'a',
      'accept-encoding': 'gzip',
      range: 'bytes=0-1',
    },
  })
  expect(asked[0]?.headers).toMatchObject({ 'x-tenant': 'a', 'accept-encoding': 'identity' })
  expect(asked[0]?.headers).not.toHaveProperty('range')
})

test('an answer keeps fields of the service, but for those of the protocol', async () => {
  const headers = {
    'cache-control': 'max-age=60',
    'grpc-accept-encoding': 'gzip',
    'trailer-x': '1',
    etag: '"a"',
  }
  const { ask } = setUp({ reply: () => ({ messages: [{}], headers }) })
  const { response } = await ask('/v1/users/7')
  expect([...response.headers.keys()].sort()).toEqual(['cache-control', 'content-type'])
})

test('HEAD is answered as GET without its body', async () => {
  const { ask } = setUp()
  const { status, text, response } = await ask('/v1/users/7', { method: 'HEAD' })
  expect([status, text, response.headers.get('content-type')]).toEqual([
    200,
    '',
    'application/json',
  ])
})

test('a route may name its procedure, and fill it by name', async () => {
  const route = {
    match: { path: '/:version/find/:id' },
    grpc: { service: 'users.v1.Users', method: 'GetUser' },
  }
  const { ask, asked } = setUp({ route })
  await ask('/v2/find/7?limit=1', post({ name: 'n', limit: 9, id: 'forged' }))
  expect(asked).toMatchObject([{ message: { id: '7', name: 'n', limit: 1 } }])
})

test('a route may say what the message is, and its texts become of the types of the fields', async () => {
  const request = {
    id: 'user-${params.id}',
    limit: '${query.n}',
    cursor: '${header.x-cursor}',
    strict: '${query.strict}',
    roles: ['${query.role}', 'ROLE_UNSPECIFIED'],
    address: { zip_code: '${query.zip}', city: '${query.city}' },
  }
  const route = {
    match: { path: '/u/:id' },
    grpc: { service: 'users.v1.Users', method: 'GetUser', request },
  }
  const { ask, asked } = setUp({ route })
  await ask('/u/7?n=3&role=ROLE_ADMIN&zip=10115&ignored=1', { headers: { 'x-cursor': '12' } })
  expect(asked[0]?.message).toEqual({
    id: 'user-7',
    limit: 3,
    cursor: '12',
    roles: ['ROLE_ADMIN', 'ROLE_UNSPECIFIED'],
    address: { zipCode: 10115 },
  })
  expect((await ask('/u/7?n=x')).json).toMatchObject({
    code: 'RPC_REQUEST_INVALID',
    field: 'limit',
  })
})

test.each([
  ['application/grpc-web+proto', {}],
  ['application/connect+json', {}],
  ['application/proto', {}],
  ['application/json', { 'connect-protocol-version': '1' }],
])('a request of %s passes untouched', async (type, headers) => {
  const { ask, calls } = setUp({ answer: () => new Response('raw', { headers: { 'x-raw': '1' } }) })
  const { text, response } = await ask('/any.Service/Any', {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: 'bytes',
  })
  expect([text, response.headers.get('x-raw')]).toEqual(['raw', '1'])
  expect(calls).toMatchObject([{ url: 'http://users.internal/any.Service/Any' }])
  expect(await new Response(calls[0]?.body).text()).toBe('bytes')
})

test.each(protocols)(
  'JSON that is posted to the path of a procedure is a call over %s',
  async (protocol) => {
    const { ask, asked } = setUp({ grpc: { protocol } })
    const { status, json } = await ask('/users.v1.Users/GetUser', post({ id: '7' }))
    expect([status, json]).toEqual([200, { id: '7', displayName: 'Ann' }])
    expect(asked).toMatchObject([{ procedure: '/users.v1.Users/GetUser', message: { id: '7' } }])
    for (const path of ['/users.v1.Users/Nope', '/users.v1.Users', '/users.v1.Users/GetUser/7']) {
      expect((await ask(path, post({}))).json.code).toBe('RPC_NOT_FOUND')
    }
    expect((await ask('/users.v1.Users/GetUser')).json.code).toBe('RPC_NOT_FOUND')
  },
)

test('where a route names its procedure a client cannot choose another', async () => {
  const route = { grpc: { service: 'users.v1.Users', method: 'GetUser' } }
  const { ask, calls } = setUp({ route })
  const headers = { 'content-type': 'application/proto' }
  const { status } = await ask('/users.v1.Users/BanUser', { method: 'POST', headers, body: 'x' })
  expect([status, calls.length]).toEqual([415, 0])
})

test('an answer of the fallback goes out as it is', async () => {
  const fallback = [{ respond: { status: 200, json: { id: 'fixed' } } }]
  const failure = { code: 'unavailable', number: 14, http: 503 }
  for (const protocol of protocols) {
    const { ask } = setUp({
      grpc: { protocol },
      upstream: { fallback },
      reply: () => ({ failure }),
    })
    expect((await ask('/v1/users/7')).json).toEqual({ id: 'fixed' })
  }
})

test.each([
  ['connect', 'text/html', 200, 'UPSTREAM_BODY_INVALID', 502],
  ['connect', 'text/html', 502, 'RPC_FAILED', 503],
  ['connect', 'application/proto', 200, 'UPSTREAM_BODY_INVALID', 502],
  ['grpc-web', 'text/html', 404, 'RPC_FAILED', 501],
  ['grpc-web', 'application/grpc-web', 200, 'UPSTREAM_BODY_INVALID', 502],
] as const)('over %s an answer of %s with %i is %s', async (protocol, type, status, code, told) => {
  const answer = () => new Response('\xff\xff<p>', { status, headers: { 'content-type': type } })
  const { ask } = setUp({ grpc: { protocol }, answer })
  const reply = await ask('/v1/users/7')
  expect([reply.json.code, reply.status]).toEqual([code, told])
})

test('a status in the header fields of gRPC-Web counts without trailers', async () => {
  const headers = {
    'content-type': 'application/grpc-web',
    'grpc-status': '7',
    'grpc-message': 'no%20way',
  }
  const { ask } = setUp({
    grpc: { protocol: 'grpc-web' },
    answer: () => new Response(null, { headers }),
  })
  const { status, json } = await ask('/v1/users/7')
  expect([status, json.grpcMessage]).toEqual([403, 'no way'])
})
