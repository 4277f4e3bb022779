import { expect, test } from 'vitest'
import { planOf } from '../../test/gateway.ts'
import { catalogue } from '../errors/catalogue.ts'
import { makeMemories } from '../platform/memories.ts'
import { MemoryClock } from '../platform/memory/clock.ts'
import { MemoryUpstreamObjects } from '../platform/memory/upstream-objects.ts'
import { bindBreakers } from './breakers.ts'
import type { AdminCall, AdminParts } from './call.ts'

const breaker = { consecutiveFailures: 2, openSeconds: 30 }
const targets = ['http://127.0.0.1:9101']
const table = {
  version: 1,
  upstreams: {
    users: { targets, breaker },
    plain: { targets },
    near: { targets, breaker: { ...breaker, scope: 'colo', mode: 'shadow' } },
    watched: { targets: [...targets, 'http://127.0.0.1:9102'], ejection: {} },
  },
  routes: [
    { name: 'users', match: { path: '/users' }, upstream: 'users' },
    { name: 'inline', match: { path: '/inline' }, upstream: { targets, breaker } },
  ],
}

function setUp() {
  const clock = new MemoryClock(1_000_000)
  const randomness = { hex: (bytes: number) => 'ab'.repeat(bytes), fraction: () => 0.5 }
  const objects = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const ports = { clock, timers: clock, randomness, upstreams: objects, memories: makeMemories() }
  const plan = planOf(table)
  const handlers = bindBreakers({ source: { plan } } as unknown as AdminParts)
  async function send(handler: keyof typeof handlers, path: string, body?: string) {
    const [name = '', query = ''] = path.split(/(?=\?)/)
    const request = new Request(`http://gateway.test/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      body: body ?? null,
    })
    const call = { request, received: {}, target: { query }, client: { colo: 'FRA' }, ports }
    const work = Promise.resolve(
      handlers[handler](call as unknown as AdminCall, { upstream: encodeURIComponent(name) }),
    )
    const answer = await clock.until(work)
    if (answer instanceof Response) return { status: answer.status, json: await answer.json() }
    return { status: catalogue[answer.code].status, code: answer.code }
  }
  const change = (name: string, body: object) => send('change', name, JSON.stringify(body))
  return { clock, objects, send, change, ports }
}

test('the list has each upstream of which the fleet knows something, also those within routes', async () => {
  const { send } = setUp()
  const { json } = await send('list', '')
  expect(json).toMatchObject({
    breakers: [
      { upstream: 'users', scope: 'global', location: null, mode: 'enforce' },
      { upstream: 'near', scope: 'colo', location: 'FRA', mode: 'shadow' },
      { upstream: 'watched', ejection: [] },
      { upstream: 'route:inline', breaker: { state: 'closed' } },
    ],
  })
})

test('an upstream shows its state and its changes', async () => {
  const { send, change } = setUp()
  await change('users', { force: 'open' })
  const { status, json } = await send('read', 'users')
  expect(status).toBe(200)
  expect(json).toMatchObject({
    breaker: {
      state: 'closed',
      forced: 'open',
      window: { requests: 0, failed: 0, slow: 0 },
      probes: { underWay: 0, succeeded: 0, of: 3 },
    },
    changes: [
      {
        time: '1970-01-01T00:16:40.000Z',
        notice: 'breaker',
        from: 'closed',
        to: 'forced-open',
        reason: 'operator',
        forSeconds: null,
      },
    ],
  })
})

test('what is said is heard in this isolate at once', async () => {
  const { change, objects } = setUp()
  await change('users', { force: 'open' })
  expect(objects.reports).toHaveLength(1)
})

test('each location of an upstream with scope colo is its own', async () => {
  const { send, change } = setUp()
  await change('near?colo=LHR', { force: 'open' })
  expect((await send('read', 'near')).json).toMatchObject({ breaker: { forced: null } })
  expect((await send('read', 'near?colo=LHR')).json).toMatchObject({
    location: 'LHR',
    breaker: { forced: 'open' },
  })
})

test.each(['plain', 'unknown', '%zz'])('the upstream %j is not known here', async (name) => {
  const { send } = setUp()
  expect((await send('read', name)).code).toBe('UPSTREAM_UNKNOWN')
})

test('what has no breaker cannot be forced, and can be reset', async () => {
  const { change } = setUp()
  expect((await change('watched', { force: 'open' })).code).toBe('UPSTREAM_UNKNOWN')
  expect((await change('watched', { reset: true })).status).toBe(200)
})

test.each([
  '',
  'x',
  '[]',
  '{}',
  '{"force":"ajar"}',
  '{"reset":false}',
  '{"force":"open","reset":true}',
])('the body %j is refused', async (body) => {
  const { send, objects } = setUp()
  expect((await send('change', 'users', body)).code).toBe('BODY_INVALID')
  expect(objects.notices).toEqual([])
})

test('an object that cannot be reached is said to be so', async () => {
  const { send, change, objects } = setUp()
  objects.fault = 'away'
  expect((await send('read', 'users')).code).toBe('STORE_UNAVAILABLE')
  expect((await change('users', { reset: true })).code).toBe('STORE_UNAVAILABLE')
  expect((await send('list', '')).json).toMatchObject({
    breakers: [{ upstream: 'users', unavailable: true }, {}, {}, {}],
  })
})
