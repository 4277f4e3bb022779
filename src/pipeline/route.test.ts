import { expect, test } from 'vitest'
import { makeGateway } from '../../test/gateway.ts'

const upstreams = { users: { targets: ['http://127.0.0.1:9101'] } }

const app = 'https://app.example.com'

const document = {
  version: 1,
  upstreams,
  defaults: {
    policies: [
      { use: 'request-id' },
      { use: 'response-headers', set: { 'X-Gateway': 'isogate' } },
      { use: 'ip-filter', deny: ['198.51.100.0/24'] },
      { use: 'request-headers', set: { 'X-Never': 'without route' } },
    ],
  },
  routes: [
    {
      name: 'read',
      match: { path: '/users/*', methods: ['GET'] },
      policies: [{ use: 'cors', origins: ['https://read.example.com'] }],
      upstream: 'users',
    },
    {
      name: 'write',
      match: { path: '/users/*', methods: ['POST'], headers: { 'X-Key': { present: true } } },
      policies: [
        { use: 'cors', origins: [app], methods: ['POST'], headers: ['X-Key'] },
        { use: 'ip-filter', allow: ['192.0.2.0/24'] },
        { use: 'size-limit', maxHeaderBytes: 1 },
      ],
      upstream: 'users',
    },
    {
      name: 'options',
      match: { path: '/own-options', methods: ['OPTIONS'] },
      upstream: 'users',
    },
  ],
}

function preflight(method: string, origin = app, more: Record<string, string> = {}) {
  return {
    method: 'OPTIONS',
    target: '/users/7',
    headers: { origin, 'access-control-request-method': method, ...more },
  }
}

test('a preflight is matched as the method it asks for, without header conditions', async () => {
  const gateway = makeGateway(document)
  const response = await gateway.ask(preflight('POST'))
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe(app)
  expect(response.headers.get('access-control-allow-methods')).toContain('POST')
  expect(gateway.events[0]).toMatchObject({ route: 'write', status: 204 })
  expect(gateway.calls).toEqual([])
})

test('a preflight that is refused is 204 with no Access-Control field', async () => {
  const response = await makeGateway(document).ask(preflight('POST', 'https://evil.example'))
  expect(response.status).toBe(204)
  expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual(
    [],
  )
})

test('a preflight for a method that no route has is refused with no Access-Control field', async () => {
  const gateway = makeGateway({
    ...document,
    defaults: { policies: [{ use: 'cors', origins: [app], credentials: true }] },
  })
  const refused = await gateway.ask(preflight('DELETE'))
  expect(refused.status).toBe(204)
  expect(refused.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS')
  expect([...refused.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([])
  expect(refused.headers.get('vary')).toBe('Origin')
  const plain = await gateway.ask({
    method: 'OPTIONS',
    target: '/users/7',
    headers: { origin: app },
  })
  expect(plain.headers.get('access-control-allow-origin')).toBe(app)
})

test('a preflight that asks for no method is a request like any other', async () => {
  const gateway = makeGateway({
    version: 1,
    upstreams,
    routes: [
      {
        name: 'any',
        match: { path: '/users/*' },
        policies: [{ use: 'cors', origins: [app] }],
        upstream: 'users',
      },
    ],
  })
  await gateway.ask(preflight(''))
  expect(gateway.calls).toHaveLength(1)
})

test('only OPTIONS asks for the server as a whole, and the policies of defaults run on it', async () => {
  const gateway = makeGateway(document)
  const answer = await gateway.ask({ method: 'OPTIONS', target: '*' })
  expect(answer.status).toBe(204)
  expect(answer.headers.get('x-gateway')).toBe('isogate')
  expect(answer.headers.get('x-request-id')).not.toBeNull()
  const other = await gateway.ask({ method: 'DELETE', target: '*' })
  expect(other.status).toBe(400)
  expect(await other.json()).toMatchObject({ code: 'TARGET_INVALID' })
})

test('the filters run on a preflight, and the other policies do not', async () => {
  const gateway = makeGateway(document)
  const elsewhere = await gateway.ask({ ...preflight('POST'), peer: '203.0.113.9:1' })
  expect(elsewhere.status).toBe(403)
  // The size limit of one byte would refuse every request.
  expect((await gateway.ask(preflight('POST'))).status).toBe(204)
})

test('OPTIONS that no route lists is 204 with the methods of the path', async () => {
  const response = await makeGateway(document).ask({ method: 'OPTIONS', target: '/users/7' })
  expect(response.status).toBe(204)
  expect(response.headers.get('allow')?.split(', ').sort()).toEqual([
    'GET',
    'HEAD',
    'OPTIONS',
    'POST',
  ])
})

test('OPTIONS that a route lists goes to its service', async () => {
  const gateway = makeGateway(document)
  await gateway.ask({ method: 'OPTIONS', target: '/own-options' })
  expect(gateway.calls[0]).toMatchObject({ method: 'OPTIONS' })
})

test('OPTIONS for the server as a whole is answered by the gateway', async () => {
  const gateway = makeGateway(document)
  const response = await gateway.ask({ method: 'OPTIONS', target: '*' })
  expect(response.status).toBe(204)
  expect(gateway.calls).toEqual([])
})

test.each([
  [{ target: '/nothing' }, 404, 'ROUTE_NOT_FOUND'],
  [{ target: '/users/7', method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
  [{ target: '/../x' }, 400, 'TARGET_INVALID'],
  [{ target: '/x', headers: { host: 'a@b' } }, 400, 'HOST_INVALID'],
])(
  '%j is %d %s with the observers, answer headers and filters of the defaults',
  async (ask, status, code) => {
    const gateway = makeGateway(document)
    const response = await gateway.ask(ask)
    expect(response.status).toBe(status)
    expect(response.headers.get('x-gateway')).toBe('isogate')
    expect(response.headers.has('x-request-id')).toBe(true)
    expect(await response.json()).toMatchObject({ code, status })
    expect(gateway.events[0]).toMatchObject({ error: code, status, route: null })
    const denied = await gateway.ask({ ...ask, peer: '198.51.100.7:1' })
    expect(denied.status).toBe(403)
  },
)

test('GET also answers HEAD', async () => {
  const gateway = makeGateway(document)
  expect((await gateway.ask({ method: 'HEAD', target: '/users/7' })).status).toBe(200)
  expect(gateway.calls[0]).toMatchObject({ method: 'HEAD' })
})

const byBody = {
  version: 1,
  upstreams,
  routes: [
    {
      name: 'a',
      match: { path: '/rpc', methods: ['POST'], body: { '/method': 'a' }, bodyLimitBytes: 32 },
      upstream: 'users',
    },
    { name: 'rest', match: { path: '/rpc' }, upstream: 'users' },
  ],
}

function rpc(body: string, type = 'application/json', more: Record<string, string> = {}) {
  return { method: 'POST', target: '/rpc', body, headers: { 'content-type': type, ...more } }
}

test('a route is chosen by the body, which the service gets as it came', async () => {
  const gateway = makeGateway(byBody)
  await gateway.ask(rpc('{ "method": "a" }'))
  await gateway.ask(rpc('{"method":"b"}'))
  await gateway.ask(rpc('not json', 'text/plain'))
  expect(gateway.events.map(({ route }) => route)).toEqual(['a', 'rest', 'rest'])
  const sent = gateway.calls[0]?.body as ArrayBuffer
  expect(new TextDecoder().decode(sent)).toBe('{ "method": "a" }')
})

test.each([
  [rpc(`{"method":"${'a'.repeat(40)}"}`), 413, 'BODY_TOO_LARGE'],
  [rpc('{'), 400, 'BODY_INVALID'],
  [rpc('{}', 'application/json', { 'content-encoding': 'gzip' }), 415, 'BODY_ENCODED'],
])('a body that cannot decide the route is a problem: %j', async (ask, status, code) => {
  const response = await makeGateway(byBody).ask(ask)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ code })
})
