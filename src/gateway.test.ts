import { expect, test } from 'vitest'
import { idlePorts } from '../test/exchange.ts'
import type { BoundRoute, Plan } from './config/plan.ts'
import { refuse } from './errors/refusal.ts'
import { bindGateway, type LiveTables } from './gateway.ts'
import type { Found, Matcher } from './match/matcher.ts'
import type { Event } from './observe/event.ts'
import type { Answer, Exchange } from './pipeline/exchange.ts'
import type { Ports } from './platform/ports.ts'

const ports: Ports = {
  clock: { now: () => 1_000 },
  randomness: { hex: (bytes) => 'ab'.repeat(bytes), fraction: () => 0 },
  network: {
    send: () => Promise.reject(new Error('no network')),
    sendTo: () => Promise.reject(new Error('no network')),
  },
  ...idlePorts,
  defer: () => {},
}

function makePlan(find: () => Found, run: (exchange: Exchange) => Answer | Promise<Answer>): Plan {
  const route: BoundRoute = {
    name: 'only',
    pointer: '/routes/0',
    run,
    preflight: null,
    policies: [],
    missing: [],
    open: true,
    resourceMetadata: false,
  }
  return {
    version: 'v1',
    paths: { emptySegments: 'keep', encodedSlash: 'keep', semicolon: 'keep' },
    clientIp: { source: 'auto', trustedHops: 0, trustedCidrs: [] },
    underscores: false,
    reserved: new Set(),
    matcher: { find, findPreflight: find, explain: () => [] } as unknown as Matcher,
    routes: [route],
    withoutRoute: (exchange) => exchange.conclusion ?? refuse('ROUTE_NOT_FOUND'),
    wellKnown: new Map(),
    fleet: () => new Map(),
    limits: () => new Map(),
    versions: () => [],
    usage: () => {
      throw new Error('nobody asks in this test')
    },
    missing: [],
  }
}

const matched = (): Found => ({ kind: 'matched', route: 0, params: {}, pattern: '/*' })

function makeGateway(plan: Plan | null, tables: Partial<LiveTables> = {}) {
  const events: Event[] = []
  const bugs: string[] = []
  const respond = bindGateway({
    tables: {
      plan,
      missing: refuse('TABLE_MISSING'),
      due: () => 'no',
      look: () => Promise.resolve(),
      ...tables,
    },
    admin: () => Promise.resolve(new Response('admin')),
    writeEvent: (event) => events.push({ ...event }),
    reportBug: (_id, error) => bugs.push(String(error)),
  })
  const get = (path = '/', init: RequestInit = {}) =>
    respond(new Request(`http://a.example.com${path}`, init), ports)
  return { get, events, bugs }
}

test('the route that matches answers, and one event is written', async () => {
  const { get, events } = makeGateway(makePlan(matched, () => new Response('hello')))
  expect(await (await get()).text()).toBe('hello')
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({ route: 'only', path: '/*', status: 200, table: 'v1' })
})

test('a route that throws is INTERNAL_ERROR for its own request and no other', async () => {
  let count = 0
  const plan = makePlan(matched, () => {
    count += 1
    if (count % 20 === 0) throw new Error('a bug at /secret/place')
    return new Response('hello')
  })
  const { get, bugs } = makeGateway(plan)
  const answers = await Promise.all(Array.from({ length: 200 }, () => get()))
  const failed = answers.filter(({ status }) => status === 500)
  expect(failed).toHaveLength(10)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(190)
  const problem = await (failed[0] as Response).text()
  expect(JSON.parse(problem)).toMatchObject({ code: 'INTERNAL_ERROR', route: 'only' })
  expect(problem).not.toMatch(/secret|Error:| at /)
  expect(bugs).toHaveLength(10)
})

test('a route whose promise rejects is INTERNAL_ERROR too', async () => {
  const { get } = makeGateway(makePlan(matched, () => Promise.reject(new Error('a bug'))))
  expect((await get()).status).toBe(500)
})

test('a header edit that throws is INTERNAL_ERROR without the edits', async () => {
  const plan = makePlan(matched, (exchange) => {
    exchange.answer.push({ kind: 'set', name: 'x-a', value: 'line\nbreak' })
    return new Response('hello')
  })
  const { get, bugs } = makeGateway(plan)
  const response = await get()
  expect(response.status).toBe(500)
  expect(response.headers.has('x-a')).toBe(false)
  expect(bugs).toHaveLength(1)
})

test('without a table a request is TABLE_MISSING, and the admin surface still answers', async () => {
  const { get } = makeGateway(null)
  const response = await get('/users')
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ code: 'TABLE_MISSING' })
  expect(await (await get('/_gateway/health')).text()).toBe('admin')
})

test('reserved paths are matched after normalization', async () => {
  const { get } = makeGateway(makePlan(matched, () => new Response('route')))
  expect(await (await get('/%5Fgateway/health')).text()).toBe('admin')
  expect(await (await get('/_gatewayx')).text()).toBe('route')
})

test('a request waits for the table only where it must', async () => {
  const looks: string[] = []
  const look = () => {
    looks.push('look')
    return Promise.resolve()
  }
  const plan = makePlan(matched, () => {
    looks.push('answer')
    return new Response('hello')
  })
  await makeGateway(plan, { due: () => 'first', look }).get()
  await makeGateway(plan, { due: () => 'behind', look }).get()
  expect(looks).toEqual(['look', 'answer', 'answer', 'look'])
})

test('a path without the method is METHOD_NOT_ALLOWED with the methods that there are', async () => {
  const find = (): Found => ({ kind: 'method-not-allowed', allow: ['GET', 'HEAD', 'OPTIONS'] })
  const { get } = makeGateway(makePlan(find, () => new Response('never')))
  const refused = await get('/', { method: 'POST' })
  expect(refused.status).toBe(405)
  expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  const options = await get('/', { method: 'OPTIONS' })
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
})

test('a path that leads above the root is TARGET_INVALID', async () => {
  const raw = { url: 'http://a.example.com/../x', method: 'GET', headers: new Headers() }
  const { events } = makeGateway(makePlan(matched, () => new Response('never')))
  const respond = bindGateway({
    tables: {
      plan: makePlan(matched, () => new Response('never')),
      missing: refuse('TABLE_MISSING'),
      due: () => 'no',
      look: () => Promise.resolve(),
    },
    admin: () => Promise.resolve(new Response('admin')),
    writeEvent: (event) => events.push({ ...event }),
    reportBug: () => {},
  })
  const request = { ...raw, body: null, signal: new AbortController().signal }
  const response = await respond(request as unknown as Request, ports)
  expect(await response.json()).toMatchObject({ code: 'TARGET_INVALID', status: 400 })
  expect(events[0]).toMatchObject({ error: 'TARGET_INVALID', route: null })
})
