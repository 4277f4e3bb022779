import { expect, onTestFinished, test, vi } from 'vitest'
import { makeGateway } from '../../../test/gateway.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import type { NetworkCall } from '../../platform/ports.ts'

const table = {
  version: 1,
  upstreams: { users: { targets: ['http://users.example'] } },
  routes: [
    {
      name: 'batch',
      match: { path: '/batch', methods: ['POST'] },
      batch: { maxRequests: 10, maxAnswerBytes: 1000 },
    },
    { name: 'users', match: { path: '/users/*' }, upstream: 'users' },
    {
      name: 'mine',
      match: { path: '/mine' },
      policies: [{ use: 'ip-filter', deny: ['192.0.2.0/24'] }],
      upstream: 'users',
    },
    {
      name: 'hello',
      match: { path: '/hello' },
      policies: [{ use: 'response-headers', set: { 'X-Who': '${client.ip}' } }],
      respond: { status: 201, json: { host: '${request.host}' } },
    },
  ],
}

interface Entry {
  readonly id?: string | number
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: unknown
  readonly base64?: string
}

type Answer = (call: NetworkCall) => Response | Promise<Response>

function gatewayOf(answer: Answer = () => Response.json({ ok: true })) {
  const gateway = makeGateway(table, { answer })
  return {
    ...gateway,
    async batch(requests: unknown, headers: Record<string, string> = {}) {
      const body = JSON.stringify({ requests })
      const response = await gateway.ask({ target: '/batch', method: 'POST', body, headers })
      const read = (await response.json()) as { readonly responses: readonly Entry[] }
      return { response, ...read }
    },
  }
}

test('each request has its own status, and answers stand in the order of the requests', async () => {
  const { batch } = gatewayOf((call) =>
    call.url.endsWith('/users/2')
      ? new Response('none', { status: 404, headers: { 'content-type': 'text/plain' } })
      : Response.json({ url: call.url }),
  )
  const { response, responses } = await batch([
    { id: 'a', path: '/users/1' },
    { id: 2, path: '/users/2' },
    { path: '/hello' },
    { path: '/nowhere' },
  ])
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(responses).toMatchObject([
    { id: 'a', status: 200, body: { url: 'http://users.example/users/1' } },
    { id: 2, status: 404, body: 'none' },
    { status: 201, body: { host: 'api.example.com' }, headers: { 'x-who': '192.0.2.1' } },
    { status: 404, body: { code: 'ROUTE_NOT_FOUND' } },
  ])
})

test('each request meets the policies of its own route', async () => {
  const { batch, calls } = gatewayOf()
  const { responses } = await batch([{ path: '/mine' }, { path: '/users/1' }])
  expect(responses).toMatchObject([
    { status: 403, body: { code: 'ADDRESS_DENIED' } },
    { status: 200 },
  ])
  expect(calls.length).toBe(1)
})

test('the credentials of the batch are those of each request', async () => {
  const { batch, calls } = gatewayOf()
  await batch([{ path: '/users/1' }], { authorization: 'Bearer t' })
  expect(calls[0]?.headers.authorization).toBe('Bearer t')
})

test('the body of a request reaches the service with its length', async () => {
  const { batch, calls } = gatewayOf()
  await batch([{ method: 'POST', path: '/users/1', json: { name: 'Ä' } }])
  expect(calls[0]).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  expect(await new Response(calls[0]?.body as ReadableStream).json()).toEqual({ name: 'Ä' })
})

test('numbers of an answer stay as the service wrote them', async () => {
  const { ask } = gatewayOf(
    () =>
      new Response('{"n":12345678901234567890}', {
        headers: { 'content-type': 'application/json' },
      }),
  )
  const body = '{"requests":[{"path":"/users/1"}]}'
  const response = await ask({ target: '/batch', method: 'POST', body })
  expect(await response.text()).toContain('"body":{"n":12345678901234567890}')
})

test('an answer that says JSON and is none comes as text, and bytes come in base64', async () => {
  const { batch } = gatewayOf((call) =>
    call.url.endsWith('1')
      ? new Response('{"a":', { headers: { 'content-type': 'application/json' } })
      : new Response(new Uint8Array([0, 255]), { headers: { 'content-type': 'image/png' } }),
  )
  const { responses } = await batch([{ path: '/users/1' }, { path: '/users/2' }])
  expect(responses).toMatchObject([{ body: '{"a":' }, { base64: 'AP8=' }])
})

test('an answer is JSON by whatever name', async () => {
  const types = ['text/json', 'model/gltf+json']
  const { batch } = gatewayOf((call) => {
    const type = types[call.url.endsWith('1') ? 0 : 1] as string
    return new Response('{"a":1}', { headers: { 'content-type': type } })
  })
  const { responses } = await batch([{ path: '/users/1' }, { path: '/users/2' }])
  expect(responses).toMatchObject([{ body: { a: 1 } }, { body: { a: 1 } }])
})

test('fields of the connection to a service are not told', async () => {
  const { batch } = gatewayOf(
    () =>
      new Response(null, {
        headers: { connection: 'keep-alive', 'keep-alive': 'timeout=5', a: 'b' },
      }),
  )
  const { responses } = await batch([{ path: '/users/1' }])
  expect(responses[0]?.headers).toEqual({ a: 'b' })
})

test('cookies of an answer are a list', async () => {
  const { batch } = gatewayOf(
    () =>
      new Response(null, {
        headers: [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      }),
  )
  const { responses } = await batch([{ path: '/users/1' }])
  expect(responses[0]?.headers['set-cookie']).toEqual(['a=1', 'b=2'])
})

test('an answer that is too long, and one that breaks, are problems in their places alone', async () => {
  const { batch } = gatewayOf((call) => {
    if (call.url.endsWith('1')) return new Response('x'.repeat(1001))
    if (call.url.endsWith('3')) return Response.json('fine')
    return new Response(
      new ReadableStream({ pull: (controller) => controller.error(new Error('lost')) }),
    )
  })
  const { responses } = await batch([
    { path: '/users/1' },
    { path: '/users/2' },
    { path: '/users/3' },
  ])
  expect(responses).toMatchObject([
    { status: 502, body: { code: 'UPSTREAM_BODY_TOO_LARGE' } },
    { status: 502, body: { code: 'UPSTREAM_UNREACHABLE' } },
    { status: 200, body: 'fine' },
  ])
})

test('a batch within a batch, and the surface of the operator, are not there', async () => {
  const { batch } = gatewayOf()
  const { responses } = await batch([
    { method: 'POST', path: '/batch', json: { requests: [{ path: '/hello' }] } },
    { path: '/_gateway/health' },
  ])
  expect(responses).toMatchObject([
    { status: 400, body: { code: 'BATCH_INVALID' } },
    { status: 404, body: { code: 'ROUTE_NOT_FOUND' } },
  ])
})

test('each request has an event, which names the batch', async () => {
  const { batch, events } = gatewayOf()
  await batch([{ path: '/hello' }, { path: '/users/1' }])
  const outer = events.find(({ route }) => route === 'batch')
  expect(outer).toMatchObject({ within: null, status: 200 })
  expect(events.filter(({ within }) => within !== null)).toMatchObject([
    { route: 'hello', status: 201, within: outer?.request },
    { route: 'users', status: 200, within: outer?.request },
  ])
})

test('at most five requests are under way at once', async () => {
  let open = 0
  let most = 0
  const { batch } = gatewayOf(async () => {
    open += 1
    most = Math.max(most, open)
    await new Promise((resolve) => setImmediate(resolve))
    open -= 1
    return new Response(null)
  })
  await batch(Array.from({ length: 10 }, (_, index) => ({ path: `/users/${index}` })))
  expect(most).toBe(5)
})

test('what is not there in time is a 504, and what was not begun is not begun', async () => {
  const clock = new MemoryClock()
  const gateway = makeGateway(table, {
    clock,
    answer: (call) =>
      call.url.endsWith('/0') ? Response.json(0) : new Promise<Response>(() => {}),
  })
  const requests = Array.from({ length: 10 }, (_, index) => ({ path: `/users/${index}` }))
  const asked = gateway.ask({ target: '/batch', method: 'POST', body: JSON.stringify(requests) })
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(30_000)
  const { responses } = (await (await asked).json()) as { readonly responses: readonly Entry[] }
  expect(responses.map(({ status }) => status)).toEqual([200, ...Array(9).fill(504)])
  expect(responses[1]).toMatchObject({ body: { code: 'UPSTREAM_TIMEOUT' } })
  expect(gateway.calls.length).toBe(6)
})

test.each([
  ['no JSON', '{', 400, 'BODY_INVALID'],
  ['no batch', '{}', 400, 'BATCH_INVALID'],
  ['more than its limit', `{"requests":"${'x'.repeat(1_048_576)}"}`, 413, 'BODY_TOO_LARGE'],
])('a body that is %s is refused', async (_what, body, status, code) => {
  const { ask } = gatewayOf()
  const response = await ask({ target: '/batch', method: 'POST', body })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ code })
})

test('calls of aggregates in a batch wait for each other before their time runs', async () => {
  // What bounds calls counts in the runtime's own timers.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const call = { upstream: 'users', path: '/x', query: { at: '${query.at}' }, timeoutMs: 150 }
  const calls = Object.fromEntries(
    Array.from({ length: 5 }, (_, at) => [`c${at}`, { ...call, path: `/${at}` }]),
  )
  const page = { name: 'page', match: { path: '/page' }, aggregate: { calls } }
  const gateway = makeGateway(
    { ...table, routes: [table.routes[0], page] },
    { answer: () => new Promise((resolve) => setTimeout(() => resolve(Response.json(1)), 100)) },
  )
  const body = JSON.stringify(Array.from({ length: 5 }, (_, at) => ({ path: `/page?at=${at}` })))
  const asked = gateway.ask({ target: '/batch', method: 'POST', body })
  await vi.advanceTimersByTimeAsync(1000)
  const { responses } = (await (await asked).json()) as { readonly responses: readonly Entry[] }
  expect(responses.map(({ headers }) => headers['isogate-complete'])).toEqual(
    Array.from({ length: 5 }, () => 'true'),
  )
})
