/** Streams through the gateway: nothing is held back, and a client that leaves ends the work below it. */
import http from 'node:http'
import net from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Event } from '../../src/observe/event.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

let gateway: Gateway
let origin: Origin
/** What happens at the origin, by path. */
const closed = new Map<string, () => void>()

function whenClosed(path: string): Promise<void> {
  return new Promise((resolve) => closed.set(path, resolve))
}

/** Lets a test write the events of an SSE answer one by one. */
let sse: http.ServerResponse | null = null
let sseOpened: (() => void) | null = null

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { url = '' } = request
    response.on('close', () => closed.get(url)?.())
    if (url === '/sse') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.flushHeaders()
      sse = response
      sseOpened?.()
    } else if (url === '/echo') {
      response.writeHead(200)
      request.pipe(response)
    } else if (url === '/drip') {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    } else if (!url.includes('/never')) response.end('ok')
  })
  const sockets = new WebSocketServer({ server: origin.server })
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('close', (code) => closed.get(`/ws-close-${code}`)?.())
  })
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: {
        origin: { targets: [origin.url] },
        limited: { targets: [`${origin.url}/limited`], timeoutMs: 100 },
      },
      defaults: {
        policies: [{ use: 'request-id' }, { use: 'response-headers', set: { 'X-Gateway': 'yes' } }],
      },
      routes: [
        { name: 'limited', match: { path: '/never-in-time' }, upstream: 'limited' },
        { name: 'all', match: { path: '/*' }, upstream: 'origin' },
      ],
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await origin?.stop()
})

function open(path: string, options: http.RequestOptions = {}): http.ClientRequest {
  return http.request(new URL(path, gateway.url), { agent: false, ...options })
}

test('server-sent events arrive one by one', async () => {
  const opened = new Promise<void>((resolve) => {
    sseOpened = resolve
  })
  const request = open('/sse').end()
  await opened
  const response = await new Promise<http.IncomingMessage>((resolve) =>
    request.on('response', resolve),
  )
  expect(response.headers['x-gateway']).toBe('yes')
  const events = response[Symbol.asyncIterator]()
  for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
    // The next is written only when the last has arrived: a buffer anywhere would hang here.
    sse?.write(event)
    expect(String((await events.next()).value)).toBe(event)
  }
  request.destroy()
})

test('an upload reaches the service while the client still writes, and comes back at once', async () => {
  const request = open('/echo', { method: 'POST' })
  request.write('first')
  const response = await new Promise<http.IncomingMessage>((resolve) =>
    request.on('response', resolve),
  )
  const parts = response[Symbol.asyncIterator]()
  expect(String((await parts.next()).value)).toBe('first')
  request.write('second')
  expect(String((await parts.next()).value)).toBe('second')
  request.end()
  expect((await parts.next()).done).toBe(true)
})

test.each(['/never', '/drip'])('a client that resets ends the call of %s', async (path) => {
  const ended = whenClosed(path)
  const { hostname, port } = new URL(gateway.url)
  const seen = origin.count()
  const socket = net.connect(Number(port), hostname, () =>
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
  )
  socket.on('error', () => {})
  await origin.received(seen + 1)
  socket.resetAndDestroy()
  await ended
  await gateway.event((event) => event.path === '/*' && event.method === 'GET')
})

test('a client that resets before the answer leaves one event, CLIENT_CLOSED', async () => {
  const { hostname, port } = new URL(gateway.url)
  const seen = origin.count()
  const socket = net.connect(Number(port), hostname, () =>
    socket.write('POST /never HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'),
  )
  socket.on('error', () => {})
  await origin.received(seen + 1)
  socket.resetAndDestroy()
  const isItsEvent = ({ method, path }: Event) => method === 'POST' && path === '/*'
  expect(await gateway.event((event) => isItsEvent(event) && event.error !== null)).toMatchObject({
    status: 499,
    error: 'CLIENT_CLOSED',
    route: 'all',
    upstream: 'origin',
  })
})

test('a call that is not answered in time is ended at the service', async () => {
  const ended = whenClosed('/limited/never-in-time')
  const response = await fetch(`${gateway.url}/never-in-time`)
  expect(await response.json()).toMatchObject({ code: 'UPSTREAM_TIMEOUT', status: 504 })
  await ended
})

test('a WebSocket is relayed byte for byte, both ways, with its close code', async () => {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), ['chat.v1'])
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256))
  for (const message of [bytes, Buffer.alloc(0)]) {
    const echoed = new Promise<Buffer>((resolve) => socket.once('message', resolve))
    socket.send(message)
    expect(Buffer.compare(await echoed, message)).toBe(0)
  }
  const text = new Promise<[Buffer, boolean]>((resolve) =>
    socket.once('message', (data: Buffer, isBinary) => resolve([data, isBinary])),
  )
  socket.send('grüße')
  const [data, isBinary] = await text
  expect([data.toString(), isBinary]).toEqual(['grüße', false])
  const ended = whenClosed('/ws-close-4001')
  socket.close(4001, 'done')
  await ended
})
