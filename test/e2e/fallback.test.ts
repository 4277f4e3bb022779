/** What answers for services that are dead, slow or failing, on real processes. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Origin, startGateway, startOrigin } from './harness.ts'
import { readBody } from './origin.ts'

const fixed = { respond: { status: 200, json: { items: [], path: '${request.path}' } } }

async function startNamed(name: string, status = 200): Promise<Origin> {
  return startOrigin(async (request, response) => {
    const body = (await readBody(request)).toString()
    response.writeHead(status, { 'Cache-Control': 'max-age=60' }).end(`${name}:${body}`)
  })
}

function tableOf(main: object, replica: Origin, route: object = {}) {
  return {
    version: 1,
    upstreams: {
      main: { fallback: [{ upstream: 'replica' }, fixed], ...main },
      replica: { targets: [replica.url] },
    },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', ...route }],
  }
}

test('a dead service, then its replica, then a fixed answer', async () => {
  const main = await startNamed('main')
  const replica = await startNamed('replica')
  const gateway = await startGateway({ routes: tableOf({ targets: [main.url] }, replica) })
  const first = await ask(gateway.url)
  expect([first.body, first.headers['isogate-fallback']]).toEqual(['main:', undefined])
  expect(first.headers['cache-control']).toBe('max-age=60')

  await main.stop()
  const second = await ask(gateway.url)
  expect([second.status, second.body]).toEqual([200, 'replica:'])
  expect(second.headers).toMatchObject({
    'isogate-fallback': 'replica',
    'cache-control': 'no-store',
  })

  await replica.stop()
  const third = await ask(gateway.url, { path: '/users/7' })
  expect([third.status, JSON.parse(third.body)]).toEqual([200, { items: [], path: '/users/7' }])
  expect(third.headers).toMatchObject({
    'isogate-fallback': 'respond',
    'cache-control': 'no-store',
    'content-type': 'application/json',
  })
  const event = await gateway.event(({ fallback }) => fallback === 'respond')
  expect(event).toMatchObject({ status: 200, error: null, tries: 2 })
})

test('a long POST that a dead service took nothing of goes on, to another target or the replica', async () => {
  const main = await startNamed('main')
  const replica = await startNamed('replica')
  const dead = await startOrigin()
  await dead.stop()
  const body = 'x'.repeat(200_000)
  const both = { targets: [dead.url, main.url], retry: {} }
  const retried = await startGateway({ routes: tableOf(both, replica) })
  const replies = [1, 2].map(() => ask(retried.url, { method: 'POST', body }))
  for (const reply of await Promise.all(replies)) expect(reply.body).toBe(`main:${body}`)

  const alone = await startGateway({ routes: tableOf({ targets: [dead.url] }, replica) })
  expect((await ask(alone.url, { method: 'POST', body })).body).toBe(`replica:${body}`)
})

test('a service that hangs has its own time, and then the replica has its own', async () => {
  const held: (() => void)[] = []
  const main = await startOrigin((_request, response) => void held.push(() => response.end()))
  const replica = await startNamed('replica')
  const slow = { targets: [main.url], timeoutMs: 200 }
  const gateway = await startGateway({ routes: tableOf(slow, replica) })
  const reply = await ask(gateway.url)
  expect([reply.body, reply.headers['isogate-fallback']]).toEqual(['replica:', 'replica'])
  // The limit of a route bounds the chain: no time is left for a service, and the fixed answer needs none.
  const routes = tableOf({ targets: [main.url] }, replica, { timeoutMs: 200 })
  await gateway.inForce(await gateway.putTable(routes))
  expect((await ask(gateway.url)).headers['isogate-fallback']).toBe('respond')
  for (const end of held) end()
})

test('an open breaker is answered for', async () => {
  const main = await startNamed('main', 500)
  const replica = await startNamed('replica')
  const breaker = { consecutiveFailures: 2, openSeconds: 60 }
  const routes = tableOf({ targets: [main.url], breaker }, replica)
  const gateway = await startGateway({ routes })
  for (let count = 0; count < 5; count += 1) {
    expect((await ask(gateway.url)).body).toBe('replica:')
  }
  expect(main.count()).toBe(2)
  const event = await gateway.event((one) => one.breaker === 'open')
  expect(event).toMatchObject({ fallback: 'replica', upstream: 'replica' })
})

test('bodies go to the replica where they may: not after a service may have taken a POST', async () => {
  const main = await startNamed('main', 503)
  const replica = await startNamed('replica')
  const gateway = await startGateway({ routes: tableOf({ targets: [main.url] }, replica) })
  const put = await ask(gateway.url, { method: 'PUT', body: 'hello' })
  expect([put.body, put.headers['isogate-fallback']]).toEqual(['replica:hello', 'replica'])
  const post = await ask(gateway.url, { method: 'POST', body: 'hello' })
  expect(post.headers['isogate-fallback']).toBe('respond')
  expect(replica.count()).toBe(1)
  await main.stop()
  // Of the first it is not known whether the service took it. After that a connection is tried before (decision 14).
  const unsure = await ask(gateway.url, { method: 'POST', body: 'again' })
  expect(unsure.headers['isogate-fallback']).toBe('respond')
  const sent = await ask(gateway.url, { method: 'POST', body: 'again' })
  expect([sent.body, sent.headers['isogate-fallback']]).toEqual(['replica:again', 'replica'])
})
