/** What only the real runtime shows of changed bodies: content codings, of services and out of stores, and lengths. */
import { randomBytes } from 'node:crypto'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'
import { readBody } from './origin.ts'

const text = JSON.stringify({ keep: 'é'.repeat(50), drop: 1 })
const shaped = JSON.stringify({ keep: 'é'.repeat(50) })
const coders: Readonly<Record<string, (data: string) => Buffer>> = {
  gzip: (data) => gzipSync(data),
  br: (data) => brotliCompressSync(data),
  deflate: (data) => deflateSync(data),
}
const bomb = gzipSync(Buffer.alloc(20_000_000, 0x30))

let origin: Origin
let gateway: Gateway

beforeAll(async () => {
  // It sends encoded what it was asked to send plain, as some do.
  origin = await startOrigin(async (request, response) => {
    const [, , coding = ''] = (request.url ?? '').split('/')
    response.setHeader('Content-Type', 'application/json')
    if (request.method === 'POST') return void response.end(await readBody(request))
    response.setHeader('Cache-Control', 'max-age=100')
    response.setHeader('ETag', '"e1"')
    const body = coding === 'bomb' ? bomb : (coders[coding]?.(text) ?? Buffer.from(text))
    if (coding !== 'plain')
      response.setHeader('Content-Encoding', coding === 'bomb' ? 'gzip' : coding)
    response.setHeader('Content-Length', body.byteLength)
    response.end(body)
  })
  const use = 'transform-response'
  const route = (name: string, ...policies: object[]) => ({
    name,
    match: { path: `/${name}/*` },
    policies,
    upstream: { targets: [origin.url] },
  })
  gateway = await startGateway({
    routes: {
      version: 1,
      routes: [
        route('bare', { use, omit: ['drop'] }),
        route('edge', { use, omit: ['drop'] }, { use: 'cache', store: 'edge' }),
        route('global', { use, omit: ['drop'] }, { use: 'cache', store: 'global' }),
        route('shadow', { use, omit: ['drop'], mode: 'shadow' }),
        route('pass', { use, omit: ['drop'], maxBytes: 20, onTooLarge: 'pass' }),
        route('up', { use: 'transform-request', wrap: 'd', maxBytes: 100_000, onTooLarge: 'pass' }),
      ],
    },
  })
})

test.each([
  ['bare', 'gzip'],
  ['bare', 'br'],
  ['bare', 'deflate'],
  ['edge', 'plain'],
  ['edge', 'gzip'],
  ['edge', 'br'],
  ['global', 'gzip'],
  ['global', 'br'],
])('on the route %s a body under %s is changed, the second time too', async (route, coding) => {
  const path = `/${route}/${coding}`
  const headers = { 'accept-encoding': 'gzip, br' }
  const first = await ask(gateway.url, { path, headers })
  const second = await ask(gateway.url, { path, headers })
  for (const reply of [first, second]) {
    expect(reply.body).toBe(shaped)
    expect(reply.headers['content-encoding']).toBeUndefined()
    expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(shaped)))
  }
  expect(origin.last().headers['accept-encoding']).toBe('identity')
  const etag = first.headers.etag ?? ''
  expect(etag).toMatch(/^W\/"e1;/)
  if (route === 'bare') return
  const known = await ask(gateway.url, { path, headers: { ...headers, 'if-none-match': etag } })
  expect([known.status, known.body, known.headers.etag]).toEqual([304, '', etag])
})

test('a bomb is called off at the bound', async () => {
  const reply = await ask(gateway.url, { path: '/bare/bomb' })
  expect(reply.status).toBe(502)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'UPSTREAM_BODY_TOO_LARGE' })
})

test.each(['shadow', 'pass'])('on the route %s an encoded body is what it was', async (route) => {
  const response = await fetch(`${gateway.url}/${route}/gzip`, {
    headers: { 'accept-encoding': 'gzip' },
  })
  expect(response.headers.get('content-encoding')).toBe('gzip')
  expect(await response.text()).toBe(text)
  const plain = await ask(gateway.url, { path: `/${route}/plain` })
  expect(plain.body).toBe(text)
})

test('a request past the bound goes on byte by byte, out of a stream without length', async () => {
  const bytes = randomBytes(300_000)
  const response = await fetch(`${gateway.url}/up/x`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([bytes]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
  const small = await ask(gateway.url, {
    method: 'POST',
    path: '/up/x',
    headers: { 'content-type': 'application/json' },
    body: '"é"',
  })
  expect(small.body).toBe('{"d":"é"}')
  expect(origin.last().headers['content-length']).toBe('10')
})
