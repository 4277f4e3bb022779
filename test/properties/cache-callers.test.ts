/**
 * One caller never has another's answer, whatever the table says of the cache and of idempotency keys, whatever
 * services answer, and whoever asks at the same time. Every request has a number; the service's answer carries it.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeMemories } from '../../src/platform/memories.ts'
import { MemoryAnswers } from '../../src/platform/memory/answers.ts'
import { MemoryFills } from '../../src/platform/memory/fills.ts'
import { MemoryIdempotencyObjects } from '../../src/platform/memory/idempotency-objects.ts'
import { MemoryPurges } from '../../src/platform/memory/purges.ts'
import type { NetworkCall } from '../../src/platform/ports.ts'
import { runtimeTimers } from '../../src/platform/timers.ts'
import { START } from '../exchange.ts'
import { makeGateway } from '../gateway.ts'

const RUNS = 150

const callers = ['ada', 'bob', null] as const
type Caller = (typeof callers)[number]
const addresses = ['192.0.2.1', '192.0.2.2'] as const
const hosts = ['a.example.com', 'b.example.com'] as const

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

/** Options of `cache` that may not mix callers: only `private: false` says that they share. */
const cacheOptions = fc.record({
  ttlSeconds: fc.constant(600),
  override: optional(fc.boolean()),
  private: optional(fc.constant(true)),
  store: optional(fc.constantFrom('edge', 'global', 'both')),
  methods: optional(fc.constantFrom(['GET'], ['GET', 'HEAD'], ['GET', 'HEAD', 'POST'])),
  varyBy: optional(fc.constantFrom(['header.x-team'], ['consumer'], ['client.country'])),
  stripCookies: optional(fc.boolean()),
  query: optional(fc.constantFrom({ sort: true }, { only: ['q'] }, { ignore: [] })),
  staleWhileRevalidateSeconds: optional(fc.constant(60)),
  clientDirectives: optional(fc.constantFrom('follow', 'ignore')),
})

const keyOptions = fc.record({
  maxBodyBytes: optional(fc.constantFrom(0, 1_000)),
  onUnknown: optional(fc.constantFrom('free', 'keep')),
})

const answerHeaders = fc.record({
  'cache-control': fc.constantFrom(
    'max-age=600',
    'public, max-age=600',
    's-maxage=600',
    'max-age=0, stale-while-revalidate=600',
    'no-cache',
    'must-revalidate, max-age=600',
    'max-age=600, immutable',
  ),
  vary: optional(fc.constantFrom('Accept-Language', 'Authorization', 'X-Team')),
  etag: optional(fc.constant('"same"')),
  'set-cookie': optional(fc.constant('sid=1')),
  age: optional(fc.constantFrom('0', '700')),
})

const asking = fc.record({
  caller: fc.constantFrom(...callers),
  address: fc.constantFrom(...addresses),
  host: fc.constantFrom(...hosts),
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST'),
  target: fc.constantFrom('/x', '/x?q=1', '/x?q=1&utm_source=m', '/x/style.css'),
  gateway: fc.nat(1),
  headers: fc.record({
    'accept-language': optional(fc.constantFrom('en', 'de')),
    'x-team': optional(fc.constantFrom('red', 'blue')),
    'cache-control': optional(fc.constantFrom('max-stale', 'max-age=0', 'only-if-cached')),
    'if-none-match': optional(fc.constant('"same"')),
    range: optional(fc.constant('bytes=0-3')),
  }),
})
type Asking = typeof asking extends fc.Arbitrary<infer Value> ? Value : never

const world = fc.record({
  cache: cacheOptions,
  keys: keyOptions,
  passOn: fc.boolean(),
  answers: fc.array(answerHeaders, { minLength: 1, maxLength: 4 }),
  status: fc.constantFrom(200, 200, 200, 404, 500),
  // Those of a batch ask at the same time.
  batches: fc.array(fc.array(asking, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  }),
})
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never

function defined(record: object): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

function tableOf({ cache, keys, passOn }: World): object {
  const users = { ada: { password: { secret: 'ADA' } }, bob: { password: { secret: 'BOB' } } }
  return {
    version: 1,
    upstreams: { origin: { targets: ['http://127.0.0.1:9'] } },
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        policies: [
          { use: 'basic-auth', users, optional: true, passOn },
          { use: 'idempotency', ...defined(keys) },
          { use: 'cache', early: 0, ...defined(cache) },
        ],
        upstream: 'origin',
      },
    ],
  }
}

/** Two isolates over the same stores, and a service that says for which request it answers. */
function setUp(given: World) {
  const clock = { now: () => START }
  const timers = runtimeTimers
  const shared = {
    answers: new MemoryAnswers({ clock, timers }),
    fills: new MemoryFills({ timers }),
    purges: new MemoryPurges(),
    idempotency: new MemoryIdempotencyObjects(clock),
  }
  let served = 0
  const answer = ({ headers, method }: NetworkCall) => {
    served += 1
    const says = given.answers[served % given.answers.length] as object
    const text = `${headers['x-number']};`
    const fields = { ...defined(says), 'content-length': `${text.length}`, 'x-number': text }
    if (headers['if-none-match'] !== undefined && 'etag' in says && served % 2 === 0) {
      const { 'content-length': _, ...rest } = fields
      return new Response(null, { status: 304, headers: rest })
    }
    return new Response(method === 'HEAD' ? null : text, { status: given.status, headers: fields })
  }
  const secrets = { ADA: 'a', BOB: 'b' }
  return [0, 1].map(() =>
    makeGateway(tableOf(given), {
      secrets,
      answer,
      ports: { ...shared, memories: makeMemories() },
    }),
  )
}

/** Whose answers a caller may have: its own; an anonymous one those of all that are anonymous at its host. */
function ownerOf({ caller, host, method, address }: Asking): string {
  if (caller !== null) return `${caller} at ${host}`
  // Keys of anonymous callers are their addresses'.
  return method === 'POST' ? `nobody from ${address} at ${host}` : `nobody at ${host}`
}

test('no caller has an answer that the service gave to another', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const gateways = setUp(given)
      const asked = new Map<string, Asking>()
      let number = 0
      for (const batch of given.batches) {
        const answers = batch.map(async (one) => {
          number += 1
          const own = String(number)
          asked.set(own, one)
          const { caller, address, host, method, target, headers } = one
          const response = await (gateways[one.gateway] as (typeof gateways)[number]).ask({
            target,
            host,
            method,
            peer: `${address}:5000`,
            headers: {
              ...defined(headers),
              'x-number': own,
              ...credentialsOf(caller),
              ...(method === 'POST' ? { 'idempotency-key': 'same' } : {}),
            },
          })
          // Of a 304 and of HEAD the field tells whose it is; of others the body must say the same.
          return { one, field: response.headers.get('x-number'), text: await response.text() }
        })
        for (const { one, field, text } of await Promise.all(answers)) {
          // Problems of the gateway are nobody's.
          if (field === null) continue
          const from = asked.get(field.replace(/;.*$/, '')) as Asking
          expect(ownerOf(from)).toBe(ownerOf(one))
          if (/^\d+;$/.test(text)) expect(ownerOf(asked.get(text.slice(0, -1))!)).toBe(ownerOf(one))
        }
        await Promise.all(gateways.map((gateway) => gateway.rest()))
      }
      for (const { bugs } of gateways) expect(bugs).toEqual([])
    }),
    { numRuns: RUNS },
  )
}, 60_000)

function credentialsOf(caller: Caller): Record<string, string> {
  if (caller === null) return {}
  return { authorization: `Basic ${btoa(`${caller}:${caller.slice(0, 1)}`)}` }
}

test('answers are shared in these worlds: the property is no empty one', async () => {
  const given: World = {
    cache: {
      ttlSeconds: 600,
      override: undefined,
      private: undefined,
      store: undefined,
      methods: undefined,
      varyBy: undefined,
      stripCookies: undefined,
      query: undefined,
      staleWhileRevalidateSeconds: undefined,
      clientDirectives: undefined,
    },
    keys: { maxBodyBytes: undefined, onUnknown: undefined },
    passOn: false,
    answers: [
      {
        'cache-control': 'max-age=600',
        vary: undefined,
        etag: undefined,
        'set-cookie': undefined,
        age: undefined,
      },
    ],
    status: 200,
    batches: [],
  }
  const [gateway] = setUp(given)
  if (gateway === undefined) throw new TypeError('no gateway')
  const ask = async (method: string, caller: Caller, own: string) => {
    const key: Record<string, string> = method === 'POST' ? { 'idempotency-key': 'same' } : {}
    const headers = { 'x-number': own, ...credentialsOf(caller), ...key }
    const response = await gateway.ask({ method, target: '/x', headers })
    await gateway.rest()
    return response.text()
  }
  for (const method of ['GET', 'POST']) {
    for (const caller of callers) {
      const first = await ask(method, caller, `1${method.length}`)
      expect(await ask(method, caller, `2${method.length}`)).toBe(first)
    }
  }
  expect(gateway.calls).toHaveLength(6)
})
