/** Calls against services that fail for real: what is tried again, what is not, and who learns of it. */
import net from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, startGateway, startOrigin } from './harness.ts'
import { readBody } from './origin.ts'
import { answer, type RawOrigin, startRawOrigin, startWrongTlsOrigin } from './raw-origin.ts'

/** Takes no connection. */
const DEAD = 'http://127.0.0.1:1'

let gateway: Gateway
let failing: RawOrigin

/** How the failing service fails, by the last segment of the path. */
const failures: Readonly<Record<string, (socket: net.Socket, path: string) => void>> = {
  reset: (socket) => socket.resetAndDestroy(),
  closed: (socket) => socket.end(),
  garbage: (socket) => socket.end('What is this?\r\n\r\n'),
  hang: () => {},
  'half-head': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-')
    socket.resetAndDestroy()
  },
  'half-body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
    setTimeout(() => socket.resetAndDestroy(), 50)
  },
  'slow-body': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  'status-500': (socket) => socket.write(answer(500)),
  'status-503': (socket) => socket.write(answer(503)),
  'status-521': (socket) => socket.write(answer(521)),
  rest: (socket) => socket.write(answer(503, '', 'Retry-After: 60\r\n')),
}

beforeAll(async () => {
  const live = await startOrigin(async (request, response) => {
    const body = (await readBody(request)).toString()
    response.end(JSON.stringify({ body, fields: request.headers }))
  })
  failing = await startRawOrigin(({ head, socket }) => {
    const path = /^\w+ \/([^ ]*)/.exec(head)?.[1] ?? ''
    failures[path.split('/').at(-1) ?? '']?.(socket, path)
  })
  const wrongTls = await startWrongTlsOrigin()
  const retry = { attempts: 2, backoff: { baseMs: 5 } }
  // Of another priority, so that it is certain which target is first.
  const spare = { url: live.url, priority: 1 }
  const both = [failing.url, spare]
  const upstreams = {
    dead: { targets: [DEAD, spare], retry },
    'all-dead': { targets: [DEAD], retry },
    tls: { targets: [wrongTls, spare], retry },
    both: { targets: both, retry },
    'both-per-try': { targets: both, retry, perTryTimeoutMs: 200 },
    alone: { targets: [failing.url], retry },
    limited: {
      targets: [failing.url],
      retry: { attempts: 10 },
      timeoutMs: 700,
      perTryTimeoutMs: 300,
    },
    patient: {
      targets: [failing.url],
      retry: { attempts: 2, backoff: { baseMs: 86_400_000, maxMs: 86_400_000 } },
    },
    hedged: { targets: both, hedge: { afterMs: 50 } },
    idle: { targets: [failing.url], idleBodyMs: 200 },
    live: { targets: [live.url], timeoutMs: 5_000 },
  }
  // An upstream for each way to fail, so that each test has a budget and a first target of its own.
  const pairs = Object.keys(upstreams).flatMap((name) =>
    Object.keys(failures).map((failure) => [name, failure] as const),
  )
  const options = new Map<string, object>(Object.entries(upstreams))
  gateway = await startGateway({
    routes: {
      version: 1,
      deadline: {},
      upstreams: Object.fromEntries(
        pairs.map(([name, failure]) => [`${name}.${failure}`, options.get(name)]),
      ),
      routes: pairs.map(([name, failure]) => ({
        name: `${name}.${failure}`,
        match: { path: `/${name}/${failure}` },
        upstream: `${name}.${failure}`,
      })),
    },
  })
})

/** The requests for this path that the failing service got. */
function heardOf(path: string) {
  return failing.heard.filter(({ head }) => head.includes(` ${path} `))
}

function eventOf(path: string) {
  const route = path.slice(1).replace('/', '.')
  return gateway.event((event) => event.route === route)
}

const text = (body: string) => JSON.parse(body) as { body: string; fields: Record<string, string> }

test.each([
  ['GET', '/dead/reset'],
  ['POST', '/dead/closed'],
])('a %s that a target refuses goes to another', async (method, path) => {
  const reply = await ask(gateway.url, {
    method,
    path,
    ...(method === 'POST' ? { body: 'x' } : {}),
  })
  expect(reply.status).toBe(200)
  expect(await eventOf(path)).toMatchObject({ target: 1, tries: 2, error: null })
})

test('where no target takes a connection the client is told once', async () => {
  const reply = await ask(gateway.url, { method: 'POST', path: '/all-dead/reset', body: 'x' })
  expect(reply.status).toBe(502)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
  expect(await eventOf('/all-dead/reset')).toMatchObject({ tries: 2 })
})

test('a POST goes on where TLS failed, since nothing was sent', async () => {
  const reply = await ask(gateway.url, { method: 'POST', path: '/tls/reset', body: 'x' })
  expect([reply.status, text(reply.body).body]).toEqual([200, 'x'])
})

test.each(['reset', 'closed', 'garbage', 'half-head', 'status-503', 'status-521'])(
  'a GET that ends in %s is tried on another target',
  async (failure) => {
    const path = `/both/${failure}`
    const reply = await ask(gateway.url, { path })
    expect(reply.status).toBe(200)
    expect(heardOf(path)).toHaveLength(1)
    expect(await eventOf(path)).toMatchObject({ target: 1, tries: 2 })
  },
)

test.each(['reset', 'closed', 'garbage', 'half-head'])(
  'a POST that ends in %s is not sent again: the service may have taken it',
  async (failure) => {
    const path = `/alone/${failure}`
    const reply = await ask(gateway.url, { method: 'POST', path, body: 'x' })
    expect(reply.status).toBe(502)
    expect(heardOf(path)).toHaveLength(1)
  },
)

test('an answer that no rule names is the answer', async () => {
  expect((await ask(gateway.url, { path: '/both/status-500' })).status).toBe(500)
  expect(heardOf('/both/status-500')).toHaveLength(1)
})

test('the body of a PUT is sent again, byte for byte', async () => {
  const body = 'ä'.repeat(30_000)
  const reply = await ask(gateway.url, { method: 'PUT', path: '/tls/closed', body })
  expect(text(reply.body).body).toBe(body)
})

test('a target that hangs is called off, and another answers', async () => {
  const reply = await ask(gateway.url, { path: '/both-per-try/hang' })
  expect(reply.status).toBe(200)
  const [first] = heardOf('/both-per-try/hang')
  await failing.ended(first!)
  expect(await eventOf('/both-per-try/hang')).toMatchObject({ target: 1, tries: 2 })
})

test('the time of the whole call holds over all of its tries', async () => {
  const reply = await ask(gateway.url, { path: '/limited/hang' })
  expect(reply.status).toBe(504)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(heardOf('/limited/hang').length).toBeLessThanOrEqual(3)
})

test('a service that asks for a long rest is left alone', async () => {
  const reply = await ask(gateway.url, { path: '/alone/rest' })
  expect([reply.status, reply.headers['retry-after']]).toEqual([503, '60'])
  expect(heardOf('/alone/rest')).toHaveLength(1)
})

test('an answer that breaks off is broken off for the client, and not tried again', async () => {
  await expect(ask(gateway.url, { path: '/both/half-body' })).rejects.toThrow()
  expect(heardOf('/both/half-body')).toHaveLength(1)
})

test('a body that falls silent is broken off on both sides', async () => {
  await expect(ask(gateway.url, { path: '/idle/slow-body' })).rejects.toThrow()
  const [first] = heardOf('/idle/slow-body')
  await failing.ended(first!)
})

test('a hedge wins over a target that hangs, whose connection ends', async () => {
  const reply = await ask(gateway.url, { path: '/hedged/hang' })
  expect(reply.status).toBe(200)
  const [first] = heardOf('/hedged/hang')
  await failing.ended(first!)
  expect(await eventOf('/hedged/hang')).toMatchObject({ target: 1, tries: 2 })
})

test('the service is told how long the client still waits', async () => {
  const headers = { 'Request-Timeout-Ms': '900' }
  const reply = await ask(gateway.url, { path: '/live/reset', headers })
  const left = Number(text(reply.body).fields['request-timeout-ms'])
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThanOrEqual(900)
})

test('a client that waits too shortly is told so', async () => {
  const headers = { 'Request-Timeout-Ms': '100' }
  const reply = await ask(gateway.url, { path: '/alone/hang', headers })
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'DEADLINE_TOO_SHORT', status: 504 })
})

/** Sends a GET over a connection of its own. */
function open(path: string): net.Socket {
  const { hostname, port } = new URL(gateway.url)
  const socket = net.connect(Number(port), hostname, () =>
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
  )
  socket.on('error', () => {})
  return socket
}

test.each(['/hedged/slow-body', '/patient/hang'])(
  'a client that leaves ends what is under way for %s',
  async (path) => {
    const socket = open(path)
    await failing.received(path)
    socket.resetAndDestroy()
    const [first] = heardOf(path)
    await failing.ended(first!)
  },
)

test('a client that leaves while the gateway waits has no further try', async () => {
  const path = '/patient/status-503'
  const socket = open(path)
  await failing.received(path)
  socket.resetAndDestroy()
  expect(await eventOf(path)).toMatchObject({ error: 'CLIENT_CLOSED', tries: 1 })
  expect(heardOf(path)).toHaveLength(1)
})
