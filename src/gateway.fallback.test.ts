/** `fallback` in a whole gateway: what answers when a service fails, and what the client and the operator see. */
import { expect, test } from 'vitest'
import { makeGateway } from '../test/gateway.ts'
import type { NetworkCall } from './platform/ports.ts'

const main = 'https://main.example.com'
const replica = 'https://replica.example.com'

const route = { name: 'users', match: { path: '/*' }, upstream: 'main' }

function table(fallback: readonly object[], more: Record<string, object> = {}, extra = {}) {
  const upstreams = {
    main: { targets: [main], headers: { 'X-Key': 'of-main' }, fallback, ...more.main },
    replica: { targets: [replica], headers: { 'X-Replica': 'yes' }, ...more.replica },
  }
  return { version: 1, upstreams, routes: [{ ...route, ...more.route }], ...extra }
}

const respond = { respond: { status: 200, json: { items: [], path: '${request.path}' } } }

/** The first service fails, the second answers as given. */
function failing(status = 503, second: () => Response = () => new Response('replica')) {
  return ({ url }: NetworkCall) =>
    url.startsWith(main) ? new Response('first', { status }) : second()
}

test('another upstream answers in the place of one that failed', async () => {
  const gateway = makeGateway(table([{ upstream: 'replica' }, respond]), { answer: failing() })
  const answer = await gateway.ask({ target: '/a?b=1' })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe('replica')
  expect(answer.headers.get('isogate-fallback')).toBe('replica')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(gateway.calls.map(({ url }) => url)).toEqual([`${main}/a?b=1`, `${replica}/a?b=1`])
  expect(gateway.events).toMatchObject([
    { fallback: 'replica', upstream: 'replica', target: 0, tries: 2, status: 200, error: null },
  ])
})

test('the other upstream gets nothing that the first one added, secrets least of all', async () => {
  const gateway = makeGateway(table([{ upstream: 'replica' }]), { answer: failing() })
  await gateway.ask({ headers: { 'X-Own': 'client' } })
  const [first, second] = gateway.calls
  expect(first?.headers).toMatchObject({ 'x-key': 'of-main', 'x-own': 'client' })
  expect(second?.headers).toMatchObject({ 'x-replica': 'yes', 'x-own': 'client' })
  expect(second?.headers['x-key']).toBeUndefined()
})

test('a fixed answer stands last, with templates', async () => {
  const gateway = makeGateway(table([{ upstream: 'replica' }, respond]), {
    answer: () => Promise.reject(new Error('Network connection lost.')),
  })
  const answer = await gateway.ask({ target: '/users/7' })
  expect(await answer.json()).toEqual({ items: [], path: '/users/7' })
  expect(answer.headers.get('isogate-fallback')).toBe('respond')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(gateway.events).toMatchObject([{ fallback: 'respond', error: null }])
})

test('a fixed answer may be a failure itself, with its content type', async () => {
  const entry = {
    respond: { status: 503, json: { message: 'later' }, headers: { 'Retry-After': '9' } },
  }
  const gateway = makeGateway(table([entry]), { answer: failing(500) })
  const answer = await gateway.ask()
  expect(answer.status).toBe(503)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('retry-after')).toBe('9')
})

test('when nothing can answer the failure itself goes out', async () => {
  const answerOf = failing(500, () => new Response('second', { status: 502 }))
  const gateway = makeGateway(table([{ upstream: 'replica' }]), { answer: answerOf })
  const answer = await gateway.ask()
  expect([answer.status, await answer.text()]).toEqual([500, 'first'])
  expect(answer.headers.get('isogate-fallback')).toBeNull()
  expect(gateway.events).toMatchObject([{ fallback: 'none:failed', upstream: 'main' }])
})

test('what is wrong with the request stays as it is', async () => {
  const gateway = makeGateway(table([respond]), { answer: failing(404) })
  const answer = await gateway.ask()
  expect(answer.status).toBe(404)
  expect(gateway.events).toMatchObject([{ fallback: null }])
})

test('retries come first', async () => {
  const main = { retry: { attempts: 3, backoff: { baseMs: 1, maxMs: 1 } } }
  const gateway = makeGateway(table([respond], { main }), { answer: failing() })
  await gateway.ask()
  expect(gateway.events).toMatchObject([{ tries: 3, fallback: 'respond' }])
})

test('what a failed answer asked for is forgotten', async () => {
  const gateway = makeGateway(table([{ upstream: 'replica' }]), {
    answer: ({ url }) =>
      url.startsWith(main)
        ? new Response(null, { status: 503, headers: { connection: 'x-kept' } })
        : new Response(null, { headers: { 'x-kept': 'yes', 'cdn-cache-control': 'max-age=60' } }),
  })
  const answer = await gateway.ask()
  expect(answer.headers.get('x-kept')).toBe('yes')
  expect(answer.headers.get('cdn-cache-control')).toBeNull()
})

test('a body of known length is sent again, and an unknown one is not', async () => {
  const bodies: string[] = []
  const answer = async ({ url, body }: NetworkCall) => {
    bodies.push(await new Response(body).text())
    return url.startsWith(main) ? new Response(null, { status: 503 }) : new Response('replica')
  }
  const gateway = makeGateway(table([{ upstream: 'replica' }]), { answer })
  const put = { method: 'PUT', body: 'hello' }
  const known = await gateway.ask({ ...put, headers: { 'content-length': '5' } })
  expect([known.status, bodies]).toEqual([200, ['hello', 'hello']])
  const unknown = await gateway.ask(put)
  expect([unknown.status, bodies.length]).toEqual([503, 3])
  expect(gateway.events).toMatchObject([{ fallback: 'replica' }, { fallback: 'none:body' }])
})

test('what may not be repeated goes on only where the table says so', async () => {
  const post = { method: 'POST', body: 'hello', headers: { 'content-length': '5' } }
  const strict = makeGateway(table([{ upstream: 'replica' }, respond]), { answer: failing() })
  expect((await strict.ask(post)).headers.get('isogate-fallback')).toBe('respond')
  expect(strict.calls).toHaveLength(1)
  const lax = { upstream: 'replica', nonIdempotent: true }
  const gateway = makeGateway(table([lax]), { answer: failing() })
  expect((await gateway.ask(post)).headers.get('isogate-fallback')).toBe('replica')
})

test('a chain goes through the chains of others, and tells who answered', async () => {
  const more = { replica: { fallback: [respond] } }
  const gateway = makeGateway(table([{ upstream: 'replica' }], more), {
    answer: () => new Response(null, { status: 500 }),
  })
  const answer = await gateway.ask()
  expect(answer.headers.get('isogate-fallback')).toBe('respond')
  expect(gateway.calls).toHaveLength(2)
})

test('an upstream that lacks a secret is passed over, and told', async () => {
  const more = { replica: { headers: { 'X-Key': { secret: 'REPLICA_KEY' } } } }
  const gateway = makeGateway(table([{ upstream: 'replica' }, respond], more), {
    answer: failing(),
  })
  expect((await gateway.ask()).headers.get('isogate-fallback')).toBe('respond')
  expect(gateway.calls).toHaveLength(1)
  expect(gateway.plan.routes[0]?.missing).toEqual([])
  expect(gateway.plan.missing).toMatchObject([
    { pointer: '/upstreams/replica/headers/X-Key', code: 'SECRET_MISSING', name: 'REPLICA_KEY' },
  ])
})

test('without a cache the stale entry is passed over', async () => {
  const gateway = makeGateway(table([{ stale: true }, respond]), { answer: failing() })
  await gateway.ask()
  const alone = makeGateway(table([{ stale: true }]), { answer: failing() })
  await alone.ask()
  expect(gateway.events).toMatchObject([{ fallback: 'respond' }])
  expect(alone.events).toMatchObject([{ fallback: 'none:stale', status: 503 }])
})
