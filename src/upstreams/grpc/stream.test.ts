import { expect, test } from 'vitest'
import { base64Of, descriptorSet } from '../../../test/doubles/descriptors.ts'
import { makeService, type Reply } from '../../../test/doubles/procedures.ts'
import { streamOf } from '../../../test/doubles/streams.ts'
import { makeGateway } from '../../../test/gateway.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import { encodeBase64 } from '../../rpc/base64-core.ts'
import { frame } from '../../rpc/frames-core.ts'

const set = descriptorSet()
const protocols = ['connect', 'grpc-web'] as const

function setUp(protocol: string, answer: (call: NetworkCall) => Response, grpc: object = {}) {
  const descriptors = { base64: base64Of(set) }
  const table = {
    version: 1,
    upstreams: {
      users: {
        kind: 'grpc',
        targets: ['http://users.internal'],
        grpc: { protocol, descriptors, ...grpc },
      },
    },
    routes: [{ name: 'users', match: { path: '/*' }, upstream: 'users' }],
  }
  return makeGateway(table, { answer })
}

const watch = { target: '/v1/users:watch' }

async function linesOf(response: Response): Promise<unknown[]> {
  const text = await response.text()
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}

function saying(reply: Reply) {
  return makeService(set, () => reply).answer
}

test.each(protocols)('messages over %s are lines', async (protocol) => {
  const gateway = setUp(protocol, saying({ messages: [{ id: '1' }, { id: '2' }] }))
  const response = await gateway.ask(watch)
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(await linesOf(response)).toEqual([{ id: '1' }, { id: '2' }])
})

test.each(protocols)(
  'a failure over %s before the first message is a problem',
  async (protocol) => {
    const failure = { code: 'permission_denied', number: 7, http: 403, message: 'no' }
    const response = await setUp(protocol, saying({ failure })).ask(watch)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'RPC_FAILED', grpcMessage: 'no' })
  },
)

test.each(protocols)('a failure over %s behind messages is the last line', async (protocol) => {
  const failure = { code: 'unavailable', number: 14, http: 503, message: 'gone' }
  const response = await setUp(protocol, saying({ messages: [{ id: '1' }], failure })).ask(watch)
  expect(response.status).toBe(200)
  expect(await linesOf(response)).toMatchObject([
    { id: '1' },
    { error: { code: 'RPC_FAILED', status: 503, grpcStatus: 'UNAVAILABLE', grpcMessage: 'gone' } },
  ])
})

const types = { connect: 'application/connect+proto', 'grpc-web': 'application/grpc-web+proto' }
const one = Uint8Array.from([10, 1, 49]) // User { id: "1" }

test.each([
  ['cut off', frame(one).subarray(0, 6)],
  ['compressed', frame(one, 1)],
  ['marked by flags that nobody has', frame(one, 4)],
  ['longer than the cap', frame(new Uint8Array(100))],
  ['no message', frame(Uint8Array.from([255, 255]))],
  ['behind nothing: the stream ended', new Uint8Array()],
])('a frame that is %s ends the lines with an error', async (_what, bad) => {
  for (const protocol of protocols) {
    const headers = { 'content-type': types[protocol] }
    const answer = () => new Response(streamOf(frame(one), bad), { headers })
    const gateway = setUp(protocol, answer, { maxMessageBytes: 50 })
    const lines = await linesOf(await gateway.ask(watch))
    expect(lines).toMatchObject([
      { id: '1' },
      { error: { code: 'UPSTREAM_BODY_INVALID', status: 502 } },
    ])
  }
})

test('a line goes out while the service still holds the next message', async () => {
  let push: ((chunk: Uint8Array) => void) | null = null
  let end: (() => void) | null = null
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      push = (chunk) => controller.enqueue(chunk)
      end = () => controller.close()
    },
  })
  const headers = { 'content-type': types.connect }
  const gateway = setUp('connect', () => new Response(body, { headers }))
  const asked = gateway.ask(watch)
  push!(frame(one))
  const reader = (await asked).body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"id":"1"}\n')
  push!(frame(new TextEncoder().encode('{}'), 2))
  end!()
  expect((await reader.read()).done).toBe(true)
})

test('a client that leaves calls the stream of the service off', async () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(frame(one)),
    cancel() {
      cancelled = true
    },
  })
  const headers = { 'content-type': types.connect }
  const response = await setUp('connect', () => new Response(body, { headers })).ask(watch)
  await response.body!.cancel()
  expect(cancelled).toBe(true)
})

test('the text form of gRPC-Web is read, whatever its pieces', async () => {
  const end = frame(new TextEncoder().encode('grpc-status: 0\r\n'), 0x80)
  const text = [encodeBase64(frame(one)), encodeBase64(end)]
  const bytes = Uint8Array.from(text.flatMap((piece) => [...piece]))
  const chunks = [bytes.subarray(0, 3), bytes.subarray(3, 17), bytes.subarray(17)]
  const headers = { 'content-type': 'application/grpc-web-text' }
  const gateway = setUp('grpc-web', () => new Response(streamOf(...chunks), { headers }))
  expect(await linesOf(await gateway.ask(watch))).toEqual([{ id: '1' }])
  const unary = setUp('grpc-web', () => new Response(bytes, { headers }))
  expect(await (await unary.ask({ target: '/v1/users/1' })).json()).toEqual({ id: '1' })
})

test('no cache keeps a stream, whose failure may stand in its last line', async () => {
  const headers = {
    'cache-control': 'max-age=60',
    'cdn-cache-control': 'max-age=60',
    'cloudflare-cdn-cache-control': 'max-age=60',
    'isogate-cache-control': 'max-age=60',
  }
  const response = await setUp('connect', saying({ messages: [{ id: '1' }], headers })).ask(watch)
  expect([...response.headers]).toEqual([
    ['cache-control', 'no-store'],
    ['content-type', 'application/x-ndjson'],
  ])
})
