import { expect, test } from 'vitest'
import { streamOf } from '../../../test/doubles/streams.ts'
import { type Ask, makeGateway } from '../../../test/gateway.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import { frame } from '../../rpc/frames-core.ts'

function setUp(answer: (call: NetworkCall) => Response | Promise<Response>, policy: object = {}) {
  return makeGateway(
    {
      version: 1,
      upstreams: { users: { targets: ['http://users.internal'] } },
      routes: [
        {
          name: 'users',
          match: { path: '/*' },
          policies: [{ use: 'grpc-web', ...policy }],
          upstream: 'users',
        },
      ],
    },
    { answer },
  )
}

function post(type: string, body: string | Uint8Array<ArrayBuffer>, headers: object = {}): Ask {
  return { target: '/a.B/C', method: 'POST', headers: { 'content-type': type, ...headers }, body }
}

const message = frame(Uint8Array.from([10, 1, 49]))
const end = frame(new TextEncoder().encode('grpc-status: 0\r\n'), 0x80)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

test('a text body is binary for the service, and its answer text for the client', async () => {
  const bodies: number[][] = []
  const gateway = setUp(async ({ body }) => {
    bodies.push([...new Uint8Array(await new Response(body).arrayBuffer())])
    const headers = { 'content-type': 'application/grpc-web+proto', 'content-length': '99' }
    return new Response(streamOf(message, end), { headers })
  })
  const accept = 'application/grpc-web-text'
  const sent = post('application/grpc-web-text+proto', base64(message), { accept })
  const response = await gateway.ask(sent)
  expect(bodies).toEqual([[...message]])
  expect(gateway.calls[0]?.headers).toMatchObject({
    'content-type': 'application/grpc-web+proto',
    accept: 'application/grpc-web',
  })
  expect(response.headers.get('content-type')).toBe('application/grpc-web-text+proto')
  expect(response.headers.has('content-length')).toBe(false)
  expect(await response.text()).toBe(base64(message) + base64(end))
})

test('with "text": "pass" bodies and types stay', async () => {
  const headers = { 'content-type': 'application/grpc-web-text' }
  const gateway = setUp(() => new Response('AAAA', { headers }), { text: 'pass' })
  const response = await gateway.ask(post('application/grpc-web-text', base64(message)))
  expect(gateway.calls[0]?.headers['content-type']).toBe('application/grpc-web-text')
  expect(await response.text()).toBe('AAAA')
})

test('a text body that is no base64 is refused in the words of the protocol', async () => {
  const gateway = setUp(async ({ body }) => {
    await new Response(body).arrayBuffer()
    return new Response('never')
  })
  const response = await gateway.ask(post('application/grpc-web-text', '****'))
  const text = Buffer.from(await response.text(), 'base64')
    .subarray(5)
    .toString()
  expect([response.status, text]).toEqual([200, expect.stringContaining('grpc-status: 3')])
  expect(gateway.events).toMatchObject([{ error: 'BODY_INVALID' }])
})

const lost = () => Promise.reject(new Error('Network connection lost.'))

test('a service that cannot be reached is UNAVAILABLE for gRPC-Web', async () => {
  const gateway = setUp(lost)
  const response = await gateway.ask(post('application/grpc-web+proto', message))
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect([response.status, bytes[0]]).toEqual([200, 0x80])
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(new TextDecoder().decode(bytes)).toContain('grpc-status: 14')
  expect(gateway.events).toMatchObject([{ status: 200, error: 'UPSTREAM_UNREACHABLE' }])
})

test('the same is an error of Connect with its HTTP status', async () => {
  const gateway = setUp(lost)
  const sent = post('application/json', '{}', { 'connect-protocol-version': '1' })
  const response = await gateway.ask(sent)
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({ code: 'unavailable' })
})

test('other clients get the problem that they would get', async () => {
  const response = await setUp(lost).ask(post('application/json', '{}'))
  expect(await response.json()).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
})

test('answers of the service pass as they are', async () => {
  const answer = new Response('x', { headers: { 'content-type': 'application/grpc-web' } })
  const response = await setUp(() => answer).ask(post('application/grpc-web', message))
  expect(response).toBe(answer)
})

test('in shadow mode nothing changes', async () => {
  const gateway = setUp(lost, { mode: 'shadow' })
  const response = await gateway.ask(post('application/grpc-web-text', base64(message)))
  expect(response.status).toBe(502)
  expect(Object.values(gateway.events[0]?.policies ?? {})).toEqual(['would-change'])
  expect(gateway.calls[0]?.headers['content-type']).toBe('application/grpc-web-text')
})
