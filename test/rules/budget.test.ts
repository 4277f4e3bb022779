/**
 * What a proxied request costs is calls into the runtime, not our JavaScript (docs/benchmarks.md). Their count
 * is a budget: whoever raises a number here says why.
 */

import { afterEach, expect, test, vi } from 'vitest'
import { loadTable } from '../../src/config/load.ts'
import type { Plan } from '../../src/config/plan.ts'
import { refuse } from '../../src/errors/refusal.ts'
import { bindGateway } from '../../src/gateway.ts'
import type { Environment, NetworkCall, Ports } from '../../src/platform/ports.ts'
import { idlePorts } from '../exchange.ts'

const environment: Environment = {
  variable: () => undefined,
  secret: () => undefined,
  service: () => 'absent',
}

/** Counts reads and calls of an object of the runtime, by name. */
function counted<T extends object>(label: string, real: T, counts: Map<string, number>): T {
  return new Proxy(real, {
    get(target, name) {
      if (typeof name === 'string') {
        const key = `${label}.${name}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

afterEach(() => vi.unstubAllGlobals())

/** Counts what is made, without what it is made of. */
function countConstructions(counts: Map<string, number>): void {
  for (const name of ['Headers', 'Request', 'Response', 'URL', 'AbortController'] as const) {
    const real = globalThis[name] as unknown as new (...parts: unknown[]) => object
    const counting = new Proxy(real, {
      construct(target, parts, self) {
        counts.set(`new ${name}`, (counts.get(`new ${name}`) ?? 0) + 1)
        return Reflect.construct(target, parts, self)
      },
    })
    vi.stubGlobal(name, counting)
  }
}

async function countsOf(table: object, path: string): Promise<Record<string, number>> {
  const loaded = loadTable(JSON.stringify(table), environment)
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems))
  const plan: Plan = loaded.plan
  const respond = bindGateway({
    tables: {
      plan,
      missing: refuse('TABLE_MISSING'),
      due: () => 'no',
      look: () => Promise.resolve(),
    },
    admin: () => Promise.resolve(new Response(null)),
    writeEvent: () => {},
    reportBug: (_id, error) => {
      throw error
    },
  })
  const counts = new Map<string, number>()
  const answer = counted(
    'response',
    new Response('ok', { headers: { 'content-length': '2' } }),
    counts,
  )
  const calls: NetworkCall[] = []
  const ports: Ports = {
    clock: { now: () => 1_000 },
    randomness: { hex: (bytes) => 'ab'.repeat(bytes), fraction: () => 0.5 },
    network: {
      send(call) {
        calls.push(call)
        return Promise.resolve(answer)
      },
      sendTo: () => Promise.reject(new Error('no binding')),
    },
    ...idlePorts,
    defer: () => {
      counts.set('defer', (counts.get('defer') ?? 0) + 1)
    },
  }
  const headers = counted(
    'headers',
    new Headers({ host: 'api.example.com', accept: '*/*', authorization: 'Bearer x' }),
    counts,
  )
  const request = {
    url: `http://api.example.com${path}`,
    method: 'GET',
    headers,
    cf: { clientIp: '192.0.2.1:1234' },
    body: null,
    signal: counted('signal', new AbortController().signal, counts),
  }
  const watched = counted('request', request, counts) as unknown as Request
  countConstructions(counts)
  const response = await respond(watched, ports)
  vi.unstubAllGlobals()
  const spent = Object.fromEntries([...counts].sort())
  expect(response.status).toBe(200)
  expect(calls).toHaveLength(1)
  return spent
}

const upstreams = { users: { targets: ['http://127.0.0.1:9101'] } }

/** Each part of the request is read once; the header fields in one pass. */
const once = {
  'headers.forEach': 1,
  'request.cf': 1,
  'request.headers': 1,
  'request.method': 1,
  'request.signal': 1,
  'request.url': 1,
  // Connection and Content-Length.
  'response.headers': 2,
  'response.status': 2,
  // Each is a promise that the response went through: the network's, send's, and the page's own.
  'response.then': 3,
  'signal.addEventListener': 1,
}

test('a plain route reads each part of the request once and makes no object of the runtime', async () => {
  const table = {
    version: 1,
    upstreams,
    routes: [{ name: 'users', match: { path: '/users/*' }, upstream: 'users' }],
  }
  expect(await countsOf(table, '/users/7')).toEqual(once)
})

test('five header and rewrite policies make one response and one set of header fields', async () => {
  const table = {
    version: 1,
    upstreams,
    routes: [
      {
        name: 'users',
        match: { path: '/api/v1/users/*' },
        policies: [
          { use: 'request-id' },
          { use: 'request-headers', set: { 'X-Service': 'users' }, remove: ['X-Debug'] },
          { use: 'rewrite', stripPrefix: '/api/v1' },
          { use: 'response-headers', set: { 'X-Gateway': 'isogate' }, remove: ['Server'] },
          { use: 'cors', origins: ['https://app.example.com'] },
        ],
        upstream: 'users',
      },
    ],
  }
  expect(await countsOf(table, '/api/v1/users/7')).toEqual({
    ...once,
    'new Response': 1,
    // Taken over into the response whose header fields can be changed.
    'response.body': 1,
    'response.statusText': 1,
    'response.webSocket': 1,
    'response.headers': 2,
    'response.status': 2,
    'response.then': 2,
  })
})

test('a time limit costs one promise more', async () => {
  const table = {
    version: 1,
    upstreams,
    defaults: { timeoutMs: 1000 },
    routes: [{ name: 'users', match: { path: '/users/*' }, upstream: 'users' }],
  }
  expect(await countsOf(table, '/users/7')).toEqual({
    ...once,
    'response.then': 4,
  })
})
