/** Idempotency keys over eight gateways on one object service: what a service sees of them, and what clients have. */
import http from 'node:http'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { type Ask, ask, type Reply } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'
import { readBody } from './origin.ts'

const SERVICES = 8
const LARGE = Buffer.alloc(5 * 1024 * 1024, 'x')

let gateway: Gateway
let origin: Origin
let routes: object

beforeAll(async () => {
  const failed = new Set<string>()
  let runs = 0
  origin = await startOrigin(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://origin')
    runs += 1
    const run = String(runs)
    const waitMs = Number(searchParams.get('wait') ?? 0)
    const body = await readBody(request)
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    if (pathname.endsWith('/reset-once') && !failed.has(request.url ?? '')) {
      failed.add(request.url ?? '')
      request.socket.resetAndDestroy()
      return
    }
    if (pathname.endsWith('/gzip')) {
      const zipped = gzipSync(`run ${run}`)
      response.writeHead(201, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.length })
      response.end(zipped)
      return
    }
    if (pathname.endsWith('/chunked')) {
      response.writeHead(201, { 'X-Run': run })
      response.write('run ')
      setTimeout(() => response.end(run), 20)
      return
    }
    if (pathname.endsWith('/busy')) {
      response.writeHead(503, { 'Retry-After': '1' })
      response.end()
      return
    }
    const text = `run ${run}, ${body.length} bytes`
    response.writeHead(201, {
      'Content-Length': text.length,
      'Set-Cookie': [`run=${run}`, 'b=2'],
      Location: `/payments/${run}`,
    })
    response.end(text)
  })
  const route = (name: string, ...policies: object[]) => ({
    name,
    match: { path: `/${name}/*` },
    policies: [...policies, { use: 'idempotency' }],
    upstream: 'payments',
  })
  const users = { ada: { password: { secret: 'ADA' } }, bob: { password: { secret: 'BOB' } } }
  routes = {
    version: 1,
    upstreams: {
      payments: {
        targets: [origin.url],
        retry: { attempts: 2, backoff: { kind: 'constant', baseMs: 1, maxMs: 1 } },
      },
    },
    routes: [route('open'), route('known', { use: 'basic-auth', users })],
  }
  gateway = await startGateway({ services: SERVICES, routes, vars: { ADA: 'a', BOB: 'b' } })
})

let keys = 0
/** A key that no other test has. */
function freshKey(): string {
  keys += 1
  return `"key-${keys}-${Date.now()}"`
}

let asked = 0
/** A POST through one gateway after the other. */
function post(key: string | null, parts: Ask = {}): Promise<Reply> {
  asked += 1
  return ask(gateway.urls[asked % SERVICES]!, {
    method: 'POST',
    path: '/open/pay',
    body: 'pay 5',
    ...parts,
    headers: { ...(key === null ? {} : { 'Idempotency-Key': key }), ...parts.headers },
  })
}

/** How many requests the service sees while this runs. */
async function seen(work: () => Promise<void>): Promise<number> {
  const before = origin.count()
  await work()
  return origin.count() - before
}
const codeOf = ({ body }: Reply) => (JSON.parse(body) as { readonly code: string }).code

test('whichever gateway is asked again, the service sees one request and the client one answer', async () => {
  const key = freshKey()
  const replies: Reply[] = []
  const count = await seen(async () => {
    for (let at = 0; at < 2 * SERVICES; at += 1) replies.push(await post(key))
  })
  expect(count).toBe(1)
  const [first, ...later] = replies as [Reply, ...Reply[]]
  expect([first.status, first.headers['idempotency-replayed']]).toEqual([201, undefined])
  for (const { status, body, headers } of later) {
    expect([status, body, headers.location]).toEqual([201, first.body, first.headers.location])
    expect(headers['set-cookie']).toEqual(first.headers['set-cookie'])
    expect(headers['idempotency-replayed']).toBe('true')
  }
  expect(origin.last().headers['idempotency-key']).toBe(key)
})

test('of a hundred at once one runs, and the others hear that it does', async () => {
  const key = freshKey()
  let replies: Reply[] = []
  const count = await seen(async () => {
    replies = await Promise.all(
      Array.from({ length: 100 }, () => post(key, { path: '/open/pay?wait=1500' })),
    )
  })
  expect(count).toBe(1)
  const refused = replies.filter(({ status }) => status === 409)
  expect(replies.filter(({ status }) => status === 201).length + refused.length).toBe(100)
  expect(refused.length).toBeGreaterThan(0)
  expect(codeOf(refused[0]!)).toBe('IDEMPOTENCY_IN_PROGRESS')
  expect(refused[0]!.headers['retry-after']).toBe('1')
  expect((await post(key, { path: '/open/pay?wait=1500' })).headers['idempotency-replayed']).toBe(
    'true',
  )
})

test('another body under the key is refused, short or streamed', async () => {
  const key = freshKey()
  await post(key)
  expect(codeOf(await post(key, { body: 'pay 6' }))).toBe('IDEMPOTENCY_KEY_REUSED')
  const streamed = { body: LARGE, headers: { 'Transfer-Encoding': 'chunked' } }
  expect(codeOf(await post(key, streamed))).toBe('IDEMPOTENCY_KEY_REUSED')
})

test.each<[string, Ask['headers']]>([
  ['of known length', { 'Content-Length': LARGE.length }],
  ['of unknown length', { 'Transfer-Encoding': 'chunked' }],
])('a body of 5 MiB %s reaches the service whole and once', async (_, headers) => {
  const key = freshKey()
  const parts = { body: LARGE, headers: headers ?? {} }
  const count = await seen(async () => {
    const first = await post(key, parts)
    expect(first.body).toMatch(new RegExp(`, ${LARGE.length} bytes$`))
    expect((await post(key, parts)).body).toBe(first.body)
  })
  expect(count).toBe(1)
  const other = Buffer.alloc(LARGE.length, 'y')
  expect(codeOf(await post(key, { ...parts, body: other }))).toBe('IDEMPOTENCY_KEY_REUSED')
})

test.each([['/open/gzip'], ['/open/chunked']])('an answer of %s is given again', async (path) => {
  const key = freshKey()
  const headers = { 'Accept-Encoding': 'identity' }
  const plain = async () => {
    const { hostname, port } = new URL(gateway.url)
    const response = await fetch(`http://${hostname}:${port}${path}`, {
      method: 'POST',
      body: 'pay 5',
      headers: { ...headers, 'Idempotency-Key': key },
    })
    return [response.status, await response.text(), response.headers.get('idempotency-replayed')]
  }
  const [status, body] = await plain()
  expect([status, body]).toEqual([201, expect.stringMatching(/^run \d+$/)])
  expect(await plain()).toEqual([201, body, 'true'])
})

test('two callers with the same key have answers of their own', async () => {
  const key = freshKey()
  const as = (name: string, password: string) =>
    post(key, {
      path: '/known/pay',
      headers: { Authorization: `Basic ${btoa(`${name}:${password}`)}` },
    })
  const [ada, bob] = [await as('ada', 'a'), await as('bob', 'b')]
  expect(bob.headers['idempotency-replayed']).toBeUndefined()
  expect(bob.body).not.toBe(ada.body)
  expect((await as('ada', 'a')).body).toBe(ada.body)
})

test('an anonymous caller with other credentials has other keys', async () => {
  const key = freshKey()
  const first = await post(key, { headers: { Authorization: 'Bearer one' } })
  const second = await post(key, { headers: { Authorization: 'Bearer two' } })
  expect(second.body).not.toBe(first.body)
})

test('a POST with a key is tried again where its connection was lost, one without is not', async () => {
  const path = `/open/reset-once?${Date.now()}`
  expect((await post(freshKey(), { path })).status).toBe(201)
  expect((await post(null, { path: `${path}-2` })).status).toBe(502)
})

test('a service that is busy keeps no key', async () => {
  const key = freshKey()
  const count = await seen(async () => {
    expect((await post(key, { path: '/open/busy' })).status).toBe(503)
    expect((await post(key, { path: '/open/busy' })).status).toBe(503)
  })
  expect(count).toBeGreaterThanOrEqual(2)
})

test('a client that leaves has its answer when it comes back, and one event', async () => {
  const key = freshKey()
  const path = `/open/pay?wait=600&left=${Date.now()}`
  const before = origin.count()
  await leave(gateway.urls[0]!, { path, key })
  await until(() => origin.count() > before || undefined)
  const reply = await until(async () => {
    const again = await post(key, { path })
    return again.status === 409 ? undefined : again
  })
  expect([reply.status, reply.headers['idempotency-replayed']]).toEqual([201, 'true'])
  expect(origin.count() - before).toBe(1)
  const left = await gateway.event(({ status, route }) => status === 499 && route === 'open')
  const lines = gateway.output().filter((line) => line.includes(`"request":"${left.request}"`))
  expect(lines).toHaveLength(1)
})

/** Sends a POST and resets its connection before the answer is there. */
function leave(url: string, { path, key }: { path: string; key: string }): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const request = http.request({
      hostname,
      port,
      path,
      method: 'POST',
      agent: false,
      headers: { 'Idempotency-Key': key, 'Content-Length': 5 },
    })
    request.on('error', () => {})
    request.end('pay 5')
    setTimeout(() => {
      request.socket?.resetAndDestroy()
      resolve()
    }, 250)
  })
}

test('what was answered is answered after a restart, and what ran is not run beside', async () => {
  const first = await startGateway({ routes, vars: { ADA: 'a', BOB: 'b' } })
  const send = ({ url }: Gateway, key: string, path = '/open/pay') =>
    ask(url, { method: 'POST', path, body: 'pay 5', headers: { 'Idempotency-Key': key } })
  const [done, running] = [freshKey(), freshKey()]
  const before = await send(first, done)
  const hanging = send(first, running, '/open/pay?wait=5000').catch(() => null)
  await until(() => origin.last().url.includes('wait=5000') || undefined)
  process.kill(first.pid, 'SIGKILL')
  await hanging
  await first.stop()
  const second = await startGateway({ routes, state: first.state, vars: { ADA: 'a', BOB: 'b' } })
  const after = await send(second, done)
  expect([after.body, after.headers['idempotency-replayed']]).toEqual([before.body, 'true'])
  expect(codeOf(await send(second, running, '/open/pay?wait=5000'))).toBe('IDEMPOTENCY_IN_PROGRESS')
})
