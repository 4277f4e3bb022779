/** What the gateway does to a request and an answer on their way, over real sockets. */

import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, askRaw, fieldValues } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

let gateway: Gateway
let origin: Origin

const zipped = gzipSync('zipped body')

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { url = '' } = request
    if (url.startsWith('/cookies')) {
      response.setHeader('Set-Cookie', [
        'a=1; Path=/',
        'b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT',
      ])
      response.end('ok')
    } else if (url.startsWith('/zipped')) {
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.length })
      response.end(zipped)
    } else if (url.startsWith('/moved')) {
      response.writeHead(302, { Location: '/elsewhere' }).end()
    } else if (url.startsWith('/raw/')) {
      const status = url.slice(5)
      request.socket.end(
        `HTTP/1.1 ${status} Some\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      )
    } else if (url.startsWith('/connection')) {
      response.setHeader('Connection', 'keep-alive, X-Internal')
      response.setHeader('X-Internal', '1')
      response.setHeader('X-Kept', '2')
      response.end('ok')
    } else if (url.startsWith('/reset')) {
      request.socket.resetAndDestroy()
    } else if (url.startsWith('/slow')) {
      setTimeout(() => response.end('late'), 3_000).unref()
    } else if (url.startsWith('/status/')) {
      response.writeHead(Number(url.slice(8)), { ETag: '"v1"' }).end()
    } else {
      request.on('data', () => {})
      request.on('end', () => response.end('ok'))
    }
  })
  const upstreams = {
    origin: { targets: [origin.url] },
    // Port 1 takes no connection; `.invalid` never resolves (RFC 6761 §6.4).
    refused: { targets: ['http://127.0.0.1:1'] },
    nowhere: { targets: ['http://service.invalid'] },
    slow: { targets: [origin.url], timeoutMs: 200 },
  }
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams,
      routes: [
        { name: 'refused', match: { path: '/refused' }, upstream: 'refused' },
        { name: 'nowhere', match: { path: '/nowhere' }, upstream: 'nowhere' },
        { name: 'slow', match: { path: '/slow' }, upstream: 'slow' },
        {
          name: 'edited',
          match: { path: '/edited/*' },
          policies: [
            { use: 'rewrite', stripPrefix: '/edited' },
            { use: 'response-headers', set: { 'X-Edited': 'yes' } },
          ],
          upstream: 'origin',
        },
        { name: 'all', match: { path: '/*' }, upstream: 'origin' },
      ],
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await origin?.stop()
})

test('hop-by-hop fields, and those that Connection names, stay behind', async () => {
  await ask(gateway.url, {
    path: '/hop',
    headers: {
      Connection: 'close, X-Private',
      'X-Private': '1',
      'Keep-Alive': 'timeout=5',
      'Proxy-Authorization': 'Basic eDp5',
      'Proxy-Connection': 'keep-alive',
      TE: 'trailers',
      'X-Kept': '2',
    },
  })
  const { headers } = origin.last()
  for (const name of ['x-private', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te']) {
    expect(headers).not.toHaveProperty(name)
  }
  expect(headers['x-kept']).toBe('2')
})

test('fields that the Connection of an answer names do not reach the client', async () => {
  const reply = await ask(gateway.url, { path: '/connection' })
  expect(reply.headers).not.toHaveProperty('x-internal')
  expect(reply.headers['x-kept']).toBe('2')
})

test('cookies of two lines reach the service as cookies', async () => {
  const head =
    'GET /x HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n'
  await askRaw(gateway.url, head)
  expect(origin.last().headers.cookie).toBe('a=1; b=2')
})

test('forwarding fields are written anew, whatever the client claims', async () => {
  await ask(gateway.url, {
    path: '/forwarded',
    headers: {
      Host: 'api.example.com',
      'X-Forwarded-For': '10.9.8.7',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Prefix': '/evil',
      'X-Real-IP': '10.9.8.7',
      Forwarded: 'for=10.9.8.7',
      'CF-Connecting-IP': '10.9.8.7',
      'True-Client-IP': '10.9.8.7',
      'Isogate-Consumer': 'admin',
      X_Forwarded_For: '10.9.8.7',
      Via: '1.0 proxy',
    },
  })
  const { headers } = origin.last()
  expect(JSON.stringify(headers)).not.toMatch(/10\.9\.8\.7|evil|admin/)
  expect(headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-proto': 'http',
    forwarded: 'for=127.0.0.1;host=api.example.com;proto=http',
    via: '1.0 proxy, 1.1 isogate',
  })
})

test('a trace that came in goes on under the same id', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
  await ask(gateway.url, { path: '/trace', headers: { traceparent, tracestate: 'v=1' } })
  const { headers } = origin.last()
  expect(headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  expect(headers.traceparent).not.toBe(traceparent)
  expect(headers.tracestate).toBe('v=1')
})

test('each cookie of the answer stays a field of its own', async () => {
  for (const path of ['/cookies', '/edited/cookies']) {
    const reply = await ask(gateway.url, { path })
    expect(fieldValues(reply, 'set-cookie')).toEqual([
      'a=1; Path=/',
      'b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT',
    ])
  }
})

test('an encoded answer passes untouched', async () => {
  for (const path of ['/zipped', '/edited/zipped']) {
    const response = await fetch(new URL(path, gateway.url))
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toBe('zipped body')
  }
})

test("a redirect is the client's to follow", async () => {
  const reply = await ask(gateway.url, { path: '/moved' })
  expect(reply.status).toBe(302)
  expect(reply.headers.location).toBe('/elsewhere')
})

test.each(['100', '103', '600', '999'])(
  'a service that answers with %s is a 502',
  async (status) => {
    const reply = await ask(gateway.url, { path: `/raw/${status}` })
    expect(reply.status).toBe(502)
    expect(['UPSTREAM_BAD_STATUS', 'UPSTREAM_UNREACHABLE']).toContain(JSON.parse(reply.body).code)
  },
)

test.each([
  ['/refused', 502, 'UPSTREAM_UNREACHABLE', 'refused'],
  ['/nowhere', 502, 'UPSTREAM_UNREACHABLE', 'nowhere'],
  ['/reset', 502, 'UPSTREAM_UNREACHABLE', 'all'],
  ['/slow', 504, 'UPSTREAM_TIMEOUT', 'slow'],
])('%s is answered %d %s', async (path, status, code, route) => {
  const reply = await ask(gateway.url, { path })
  expect(reply.status).toBe(status)
  expect(JSON.parse(reply.body)).toMatchObject({ status, code, route })
  expect(reply.body).not.toMatch(/127\.0\.0\.1:1\b|service\.invalid|internal error/)
})

test.each([204, 304])('status %d carries no body', async (status) => {
  for (const prefix of ['', '/edited']) {
    const reply = await ask(gateway.url, { path: `${prefix}/status/${status}` })
    expect(reply.status).toBe(status)
    expect(reply.headers.etag).toBe('"v1"')
    expect(reply.body).toBe('')
  }
})

test('HEAD reaches the service as HEAD and brings no body', async () => {
  const reply = await ask(gateway.url, { method: 'HEAD', path: '/head' })
  expect(reply.status).toBe(200)
  expect(reply.body).toBe('')
  expect(origin.last().method).toBe('HEAD')
})

test.each(['GET', 'HEAD'])(
  '%s with a body is answered, and the body goes no further',
  async (method) => {
    const reply = await ask(gateway.url, {
      method,
      path: '/with-body',
      headers: { 'Content-Length': '5' },
      body: 'hello',
    })
    expect(reply.status).toBe(200)
    expect(origin.last().headers['content-length']).toBeUndefined()
  },
)

test('a body of unknown length reaches the service whole', async () => {
  const reply = await ask(gateway.url, {
    method: 'POST',
    path: '/chunked',
    headers: { 'Transfer-Encoding': 'chunked' },
    body: 'x'.repeat(100_000),
  })
  expect(reply.status).toBe(200)
  expect(origin.last().bytes).toBe(100_000)
})

test('methods that the runtime does not know end with an error, and the process lives', async () => {
  for (const line of ['CONNECT a.example.com:443', 'BREW /pot', 'get /']) {
    const answer = await askRaw(
      gateway.url,
      `${line} HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 (?:[45]\d\d)/)
  }
  expect((await ask(gateway.url, { path: '/alive' })).status).toBe(200)
})

test('a Host that is no host is HOST_INVALID', async () => {
  for (const host of ['a.com@evil.com', 'a.com/x', 'a.com?x', 'a b', '', 'a.com, b.com']) {
    const answer = await askRaw(
      gateway.url,
      `GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  }
})

test('the path that was matched is the path that is sent', async () => {
  const send = (target: string) =>
    askRaw(
      gateway.url,
      `GET ${target} HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n`,
    )
  await send('/a/./b/../%7euser/%2fx?q=%7e&r=a%20b')
  expect(origin.last().url).toBe('/a/~user/%2Fx?q=%7e&r=a%20b')
  expect(await send('/../../etc/passwd')).toMatch(/^HTTP\/1\.1 400 /)
  expect(await send('/a\\b')).toMatch(/^HTTP\/1\.1 400 /)
  expect(await send('/a%00b')).toMatch(/^HTTP\/1\.1 400 /)
})
