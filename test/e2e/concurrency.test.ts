/** Slots over real processes: held as long as an answer runs, free when it ended, whoever ended it. */
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import http from 'node:http'
import type { Socket } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

let origin: Origin
let gateway: Gateway
/** Answers that the service has begun, by path. */
const open = new Map<string, ServerResponse>()

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { url = '' } = request
    if (url.startsWith('/quick')) {
      response.end('quick')
      return
    }
    response.writeHead(200, url.includes('known') ? { 'Content-Length': 10 } : {})
    response.write('begin')
    open.set(url, response)
  })
  origin.server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    // A text message to begin with; a close is answered with a close (RFC 6455 §5.5.1).
    socket.write(Buffer.from([0x81, 2, 0x68, 0x69]))
    socket.on('data', (frame: Buffer) => {
      if (((frame[0] ?? 0) & 15) === 8) socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]))
    })
    socket.on('error', () => {})
  })
  gateway = await startGateway({ services: 4, routes: tableOf(origin) })
})

function tableOf({ url }: Origin) {
  const route = (name: string) => ({
    name,
    match: { path: '/*', headers: { 'x-route': name } },
    policies: [{ use: 'concurrency', limit: 2, by: ['global'], onStoreFault: 'deny' }],
    upstream: 'service',
  })
  const names = ['fleet', 'leaves', 'breaks', 'known', 'sockets']
  return {
    version: 1,
    upstreams: { service: { targets: [url] } },
    routes: names.map(route),
  }
}

/** Begins a request and resolves with its status once the headers are there; the body is left to come. */
function begin(route: string, path: string, service = 0) {
  return new Promise<{ status: number; text: Promise<string>; leave: () => void }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(gateway.urls[service] ?? '')
      const headers = { 'X-Route': route }
      const request = http.get({ hostname, port, path, headers, agent: false })
      request.on('error', reject)
      request.on('response', (response) => {
        const text = new Promise<string>((done, broken) => {
          let all = ''
          response.on('data', (chunk) => {
            all += chunk
          })
          response.on('end', () => done(all))
          response.on('error', broken)
        })
        text.catch(() => {})
        // With RST: what only closes its side is noticed with the next byte (docs/architecture.md).
        resolve({
          status: response.statusCode ?? 0,
          text,
          leave: () => request.socket?.resetAndDestroy(),
        })
      })
    },
  )
}

const quick = async (route: string, service = 0) =>
  (await ask(gateway.urls[service] ?? '', { path: '/quick', headers: { 'X-Route': route } })).status

/** Resolves once a request of this route passes again. */
const free = (route: string) => until(async () => ((await quick(route)) === 200 ? true : undefined))

test('a third request of two slots is refused on every gateway, and passes when a body has ended', async () => {
  const first = await begin('fleet', '/a', 0)
  const second = await begin('fleet', '/b', 1)
  expect([first.status, second.status]).toEqual([200, 200])
  const third = await ask(gateway.urls[2] ?? '', {
    path: '/quick',
    headers: { 'X-Route': 'fleet' },
  })
  expect(third.status).toBe(429)
  expect(JSON.parse(third.body)).toMatchObject({
    code: 'CONCURRENCY_LIMITED',
    'violated-policies': ['concurrency-1'],
  })
  expect(third.headers['retry-after']).toBe('1')
  open.get('/a')?.end(' end')
  expect(await first.text).toBe('begin end')
  await free('fleet')
  open.get('/b')?.end()
})

test('a client that leaves in the middle of a body frees its slot', async () => {
  const replies = [await begin('leaves', '/c'), await begin('leaves', '/d')]
  expect(await quick('leaves')).toBe(429)
  for (const { leave } of replies) leave()
  await free('leaves')
  // Nobody reads what the service would still send: its calls are ended too.
  await until(() => (open.get('/c')?.destroyed && open.get('/d')?.destroyed) || undefined)
})

test('a service that breaks off frees the slot, and the client sees a broken body', async () => {
  const replies = [await begin('breaks', '/e'), await begin('breaks', '/f')]
  expect(await quick('breaks')).toBe(429)
  for (const path of ['/e', '/f']) open.get(path)?.destroy()
  for (const { text } of replies) await expect(text).rejects.toThrow()
  await free('breaks')
})

test('a body of known length keeps its length', async () => {
  const reply = ask(gateway.url, { path: '/known', headers: { 'X-Route': 'known' } })
  await until(() => open.get('/known'))
  open.get('/known')?.end(' end!')
  const { headers, body } = await reply
  expect(headers['content-length']).toBe('10')
  expect(body).toBe('begin end!')
})

test('a WebSocket holds its slot until it is closed, or its client is gone', async () => {
  const url = gateway.url.replace('http', 'ws')
  const connect = () =>
    new Promise<{ end: () => void; leave: () => void; message: Promise<string> }>(
      (resolve, reject) => {
        const { hostname, port } = new URL(url)
        const headers = {
          'X-Route': 'sockets',
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        }
        const request = http.get({ hostname, port, path: '/ws', headers, agent: false })
        request.on('error', reject)
        request.on('response', ({ statusCode }) => reject(new Error(`status ${statusCode}`)))
        request.on('upgrade', (_response, stream, head) => {
          const socket = stream as Socket
          const message = new Promise<string>((done) => {
            const read = (frame: Buffer) => {
              if (frame.length >= 4) done(frame.subarray(2, 4).toString())
            }
            read(head)
            socket.on('data', read)
          })
          socket.on('error', () => {})
          // A masked close with the code 1000.
          const close = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8])
          resolve({
            end: () => socket.write(close),
            leave: () => socket.resetAndDestroy(),
            message,
          })
        })
      },
    )
  const sockets = [await connect(), await connect()]
  expect(await Promise.all(sockets.map(({ message }) => message))).toEqual(['hi', 'hi'])
  expect(await quick('sockets')).toBe(429)
  sockets[0]?.end()
  await free('sockets')
  const again = await connect()
  expect(await quick('sockets')).toBe(429)
  again.leave()
  await free('sockets')
  sockets[1]?.end()
})
