import { expect, test } from 'vitest'
import { makeBindContext, makeExchange } from '../../test/exchange.ts'
import { compose, type Step } from '../pipeline/compose.ts'
import type { Identity } from '../pipeline/exchange.ts'
import { finish } from '../pipeline/finish.ts'
import { stages } from '../pipeline/order.ts'
import type { BoundPolicy, PolicyDefinition } from '../pipeline/policy.ts'
import { registry } from './registry.ts'
import { identitySchemas, schemas, type Use } from './schemas.ts'

const definitions = Object.entries(registry)
const uses = Object.keys(schemas) as Use[]

test.each(definitions)('%s is registered under its own name', (use, definition) => {
  expect(definition.use).toBe(use)
})

test('the registry is in the order of the stages', () => {
  const places = definitions.map(([, { stage }]) => stages.indexOf(stage))
  expect(places).toEqual([...places].sort((a, b) => a - b))
})

test('the schemas are in the order of the registry', () => {
  expect(uses).toEqual(Object.keys(registry))
})

test('within any-of stands each policy that finds out who is calling, and no other', () => {
  const identity = definitions.filter(([, { stage }]) => stage === 'identify').map(([use]) => use)
  expect([...Object.keys(identitySchemas), 'any-of']).toEqual(identity)
})

test.each(uses)('%s takes the keys that all policies take', (use) => {
  const entry = { ...minimal[use], use, mode: 'shadow', name: 'mine', when: { methods: ['GET'] } }
  expect(schemas[use].safeParse(entry).error).toBeUndefined()
})

test.each(uses)('%s refuses a key that it does not know', (use) => {
  const entry = { ...minimal[use], use, tiemout: 1 }
  expect(schemas[use].safeParse(entry).success).toBe(false)
})

const late = stages.indexOf('permit')

test.each(uses)('%s takes `when.consumer` if it runs after identity, and else not', (use) => {
  const entry = { ...minimal[use], use, when: { consumer: { anonymous: true } } }
  const isLate = stages.indexOf(registry[use].stage) > late
  expect(schemas[use].safeParse(entry).success).toBe(isLate)
})

/** The least that each policy takes, such that this request passes. */
const minimal: Readonly<Record<string, Record<string, unknown>>> = {
  'api-key': { optional: true },
  cors: { origins: ['*'] },
  'ip-filter': { allow: ['203.0.113.0/24'] },
  'geo-filter': { deny: { countries: ['XX'] } },
  'flood-guard': { limit: 10, windowSeconds: 10 },
  fault: { abort: { percent: 0 }, until: '2026-01-02T00:00:00Z' },
  'size-limit': { maxBodyBytes: 1000 },
  jwt: { issuer: 'https://id.example.com', optional: true },
  'basic-auth': { users: { ada: { password: { secret: 'ADA' } } }, optional: true },
  'any-of': { policies: [{ use: 'other' }], optional: true },
  authorize: { roles: ['reader'] },
  introspection: {
    url: 'https://id.example.com/introspect',
    clientId: 'gateway',
    clientSecret: { secret: 'A' },
    optional: true,
  },
  'external-auth': { url: 'http://auth.internal/', onStoreFault: 'allow' },
  hmac: {
    keys: { a: { algorithm: 'hmac-sha256', secret: { secret: 'A' } } },
    optional: true,
  },
  mtls: { optional: true },
  'rate-limit': { limit: 10, windowSeconds: 60 },
  quota: { limit: 10, per: 'day', onStoreFault: 'allow' },
  concurrency: { limit: 10 },
  rewrite: { stripPrefix: '/api' },
  query: { set: { a: '1' } },
  'request-headers': { set: { 'X-A': '1' } },
  versions: { from: { header: 'API-Version' }, versions: { v1: {} } },
  'response-headers': { set: { 'X-A': '1' } },
  'status-map': { map: { '418': 400 } },
  profiles: { by: ['header.x-client'], profiles: { mobile: {} } },
  'transform-request': { omit: ['a'] },
  'transform-response': { omit: ['a'] },
}

const nobody: BoundPolicy = {
  kind: 'identify',
  optional: true,
  challenge: 'Other',
  authenticate: () => ({ kind: 'absent' }),
}

const reader: Identity = {
  authority: 'key',
  subject: 'k1',
  claims: {},
  roles: ['reader'],
  scopes: [],
  permissions: [],
  consumer: null,
}

function bindAll(mode: Step['mode']): readonly Step[] {
  return definitions.map(([use, definition]) => {
    const bind = definition.bind as PolicyDefinition['bind'] as (
      options: unknown,
      context: unknown,
    ) => BoundPolicy
    const policy = bind(
      { use, ...minimal[use] },
      makeBindContext({ name: use, bindInner: () => nobody }),
    )
    return { name: use, mode, policy, when: null, resolve: () => null }
  })
}

test.each([404, 429, 500, 501, 502, 503, 504, 599])(
  'T10: a status of %i from the service leaves as it came, with Retry-After',
  async (status) => {
    const exchange = makeExchange({ url: 'https://a.example/api/x', identity: reader })
    const run = compose(bindAll('enforce'), () =>
      Promise.resolve(new Response('body', { status, headers: { 'retry-after': '7' } })),
    )
    const response = finish(exchange, await run(exchange))
    expect(response.status).toBe(status)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(await response.text()).toBe('body')
  },
)

test('in shadow mode no policy changes the request or the answer', async () => {
  const exchange = makeExchange({ url: 'https://a.example/api/x?b=2', headers: { 'x-b': '1' } })
  const before = structuredClone({
    ...exchange.outgoing,
    headers: { ...exchange.outgoing.headers },
  })
  const answer = new Response('body')
  const run = compose(bindAll('shadow'), () => Promise.resolve(answer))
  expect(finish(exchange, await run(exchange))).toBe(answer)
  expect({ ...exchange.outgoing, headers: { ...exchange.outgoing.headers } }).toEqual(before)
  expect(exchange.id).toBe('request-1')
  expect(exchange.idHeader).toBeNull()
  expect(exchange.logging).toBeNull()
  expect(Object.keys(exchange.event.policies).sort()).toEqual(Object.keys(registry).sort())
})
