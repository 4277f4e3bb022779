import { expect, test } from 'vitest'
import { fields, makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import { bindConsumers } from '../../config/consumers.ts'
import { composeKey } from '../../identity/keys/format.ts'
import { hashOfKey } from '../../identity/keys/hash.ts'
import { type KeyRecord, printRecord } from '../../identity/keys/record.ts'
import { compose } from '../../pipeline/compose.ts'
import { finish } from '../../pipeline/finish.ts'
import type { Identify } from '../../pipeline/policy.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryDocuments } from '../../platform/memory/documents.ts'
import type { Documents } from '../../platform/ports.ts'
import { definition } from './policy.ts'
import { type ApiKeyOptions, apiKeySchema } from './schema.ts'

const key = composeKey('live', 'abcdefghijklmnopqrstuvwxyzA')
const other = composeKey('live', 'bcdefghijklmnopqrstuvwxyzAB')

const record: KeyRecord = {
  id: 'k1',
  prefix: 'isg_live_abcd…',
  consumer: 'shop',
  plan: 'gold',
  scopes: ['read', 'write'],
  roles: ['reader'],
  permissions: ['orders:read'],
  metadata: { tier: 'a' },
  routes: null,
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
  replacedBy: null,
  graceUntil: null,
  changedAt: 0,
  description: null,
}

type Options = Omit<ApiKeyOptions, 'use'>
type Kv = Pick<Documents, 'get'>

function bind(options: Options = {}): Identify {
  const policy = definition.bind({ use: 'api-key', ...options }, makeBindContext())
  if (policy.kind !== 'identify') throw new TypeError('no identity')
  return policy
}

/** An isolate with a store: requests come with a header, at a time after START. */
async function setUp(options: Options = {}, change: Partial<KeyRecord> = {}) {
  const stored = new MemoryDocuments()
  await stored.put(`key:${await hashOfKey(key)}`, printRecord({ ...record, ...change }), {})
  let reads = 0
  const kv: Kv & { fault: 'none' | 'throws' | 'hangs' } = {
    fault: 'none',
    get(name) {
      reads++
      if (kv.fault === 'hangs') return new Promise(() => {})
      return kv.fault === 'throws' ? Promise.reject(new Error('KV failed')) : stored.get(name)
    },
  }
  const memories = makeMemories()
  const policy = bind(options)
  const exchangeAt = (ms: number, parts: Parameters<typeof makeExchange>[0] = {}) =>
    makeExchange({
      headers: { 'x-api-key': key },
      ...parts,
      now: START + ms,
      memories,
      documents: kv as unknown as Documents,
    })
  return {
    kv,
    stored,
    exchangeAt,
    policy,
    reads: () => reads,
    ask: (ms: number, parts: Parameters<typeof makeExchange>[0] = {}) =>
      policy.authenticate(exchangeAt(ms, parts)),
  }
}

test('a known key gives its consumer with what its record says', async () => {
  const { ask } = await setUp()
  expect(await ask(0)).toMatchObject({
    kind: 'verified',
    caller: {
      authority: 'key',
      subject: 'shop',
      consumer: 'shop',
      plan: 'gold',
      scopes: ['read', 'write'],
      roles: ['reader'],
      permissions: ['orders:read'],
      claims: { sub: 'shop', id: 'k1', metadata: { tier: 'a' } },
    },
    spent: [{ in: 'header', name: 'x-api-key' }],
  })
})

test('a request without a key is no business of this policy', async () => {
  const { ask, reads } = await setUp()
  expect(await ask(0, { headers: {} })).toEqual({ kind: 'absent' })
  expect(reads()).toBe(0)
})

test('a key in memory is answered in the same turn, without a read', async () => {
  const { ask, reads } = await setUp()
  await ask(0)
  expect(ask(29_999)).not.toBeInstanceOf(Promise)
  expect(reads()).toBe(1)
  await ask(30_000)
  expect(reads()).toBe(2)
})

test('a key that is not well-formed is refused without a read', async () => {
  const { ask, reads } = await setUp()
  const bad = ['', 'x', `${key}x`, key.replace('a', 'b'), 'k'.repeat(10_000)]
  for (const sent of bad) {
    expect(await ask(0, { headers: { 'x-api-key': sent } })).toMatchObject({
      kind: 'refused',
      reason: 'key-malformed',
    })
  }
  expect(reads()).toBe(0)
})

test('two keys in one place are refused, even if both are good', async () => {
  const { ask, reads } = await setUp()
  const twice = await ask(0, { headers: { 'x-api-key': `${key}, ${key}` } })
  expect(twice).toMatchObject({ kind: 'refused', reason: 'key-repeated' })
  expect(reads()).toBe(0)
})

test('an unknown key costs one read in ten seconds, however often it is sent', async () => {
  const { ask, reads } = await setUp()
  const headers = { 'x-api-key': other }
  await Promise.all(Array.from({ length: 20 }, () => ask(0, { headers })))
  for (let ms = 0; ms < 10_000; ms += 500) {
    expect(await ask(ms, { headers })).toMatchObject({ kind: 'refused', reason: 'key-unknown' })
  }
  expect(reads()).toBe(1)
  await ask(10_000, { headers })
  expect(reads()).toBe(2)
})

test('requests that ask for one key at once share one read', async () => {
  const { ask, reads } = await setUp()
  const found = await Promise.all(Array.from({ length: 20 }, () => ask(0)))
  expect(found.every(({ kind }) => kind === 'verified')).toBe(true)
  expect(reads()).toBe(1)
})

test('guesses do not drive a key in use out of memory', async () => {
  const { ask, reads } = await setUp()
  await ask(0)
  for (let guess = 0; guess < 12_000; guess++) {
    const sent = composeKey('live', String(guess).padStart(27, '0'))
    await ask(1, { headers: { 'x-api-key': sent } })
  }
  const before = reads()
  await ask(2)
  expect(reads()).toBe(before)
})

test('expiry and grace are looked at on every use, without a read', async () => {
  const ends = START + 5_000
  for (const [change, reason] of [
    [{ expiresAt: ends }, 'key-expired'],
    [{ replacedBy: 'k2', graceUntil: ends }, 'key-replaced'],
  ] as const) {
    const { ask, reads } = await setUp({}, change)
    expect(await ask(4_999)).toMatchObject({ kind: 'verified' })
    expect(await ask(5_000)).toMatchObject({ kind: 'refused', reason })
    expect(reads()).toBe(1)
  }
})

test('every bad key is told the same, byte by byte', async () => {
  const cases: readonly [Partial<KeyRecord>, string, string][] = [
    [{}, other, 'refused:key-unknown'],
    [{ expiresAt: START }, key, 'refused:key-expired'],
    [{ revokedAt: START }, key, 'refused:key-revoked'],
    [{ replacedBy: 'k2', graceUntil: START }, key, 'refused:key-replaced'],
    [{ routes: ['orders'] }, key, 'refused:key-wrong-route'],
    [{ consumer: 'no\nname' }, key, 'refused:key-record-invalid'],
    [{}, key.slice(1), 'refused:key-malformed'],
    [{}, `${key}, ${key}`, 'refused:key-repeated'],
  ]
  const bodies = new Set<string>()
  const challenges = new Set<string | null>()
  for (const [change, sent, outcome] of cases) {
    const { exchangeAt, policy } = await setUp({}, change)
    const exchange = exchangeAt(0, { headers: { 'x-api-key': sent } })
    const step = { name: 'key', mode: 'enforce', policy, when: null, resolve: () => null } as const
    const response = finish(exchange, await compose([step], () => new Response('ok'))(exchange))
    expect(response.status).toBe(401)
    expect(exchange.event.policies.key).toBe(outcome)
    bodies.add(await response.text())
    challenges.add(response.headers.get('www-authenticate'))
  }
  expect(bodies.size).toBe(1)
  expect([...bodies][0]).toContain('CREDENTIALS_INVALID')
  expect([...challenges]).toEqual(['ApiKey realm="api"'])
})

test.each(['throws', 'hangs'] as const)('a store that %s is 503, never 401', async (fault) => {
  const { ask, kv } = await setUp({ storeTimeoutMs: 5 })
  kv.fault = fault
  expect(await ask(0)).toMatchObject({
    kind: 'unavailable',
    refusal: { code: 'STORE_UNAVAILABLE', headers: { 'retry-after': '1' } },
    reason: fault === 'throws' ? 'store-failed' : 'store-late',
  })
})

test('a key in memory outlives a fault of the store only as long as without one', async () => {
  const { ask, kv } = await setUp()
  await ask(0)
  kv.fault = 'throws'
  expect(await ask(29_999)).toMatchObject({ kind: 'verified' })
  expect(await ask(30_000)).toMatchObject({ kind: 'unavailable' })
})

test('with `allow` a key that was seen within the hour passes while the store is away', async () => {
  const { ask, kv, reads } = await setUp(
    { onStoreFault: 'allow' },
    { expiresAt: START + 7_200_000 },
  )
  await ask(0)
  kv.fault = 'throws'
  expect(await ask(60_000)).toMatchObject({ kind: 'verified' })
  // The store is left alone for five seconds.
  expect(await ask(64_999)).toMatchObject({ kind: 'verified' })
  expect(reads()).toBe(2)
  expect(await ask(3_599_999)).toMatchObject({ kind: 'verified' })
  expect(await ask(3_600_000)).toMatchObject({ kind: 'unavailable' })
})

test('with `allow` a key that expired meanwhile is refused', async () => {
  const { ask, kv } = await setUp({ onStoreFault: 'allow' }, { expiresAt: START + 50_000 })
  await ask(0)
  kv.fault = 'throws'
  expect(await ask(50_000)).toMatchObject({ kind: 'refused', reason: 'key-expired' })
})

test('with `allow` a key that was never seen does not pass', async () => {
  const { ask, kv } = await setUp({ onStoreFault: 'allow' })
  kv.fault = 'throws'
  expect(await ask(0)).toMatchObject({ kind: 'unavailable' })
})

test('with `allow` a key whose record is gone does not come back with a fault', async () => {
  const { ask, kv, stored } = await setUp({ onStoreFault: 'allow' })
  await ask(0)
  await stored.delete(`key:${await hashOfKey(key)}`)
  await ask(30_000)
  kv.fault = 'throws'
  expect(await ask(50_000)).toMatchObject({ kind: 'unavailable' })
})

test('a key is found in a query, a cookie or behind a scheme, the first place first', async () => {
  const from = [{ header: 'Authorization', prefix: 'ApiKey' }, { query: 'key' }, { cookie: 'k' }]
  const { ask } = await setUp({ from })
  const places = [
    { headers: { authorization: `apikey ${key}` } },
    { url: `https://a.example/?key=${key}`, headers: {} },
    { headers: { cookie: `a=1; k=${key}` } },
    { url: `https://a.example/?key=${key}`, headers: { authorization: 'Bearer x' } },
  ]
  for (const parts of places) expect(await ask(0, parts)).toMatchObject({ kind: 'verified' })
  const first = { url: `https://a.example/?key=${key}`, headers: { authorization: 'ApiKey x' } }
  expect(await ask(0, first)).toMatchObject({ kind: 'refused', reason: 'key-malformed' })
})

test('a verified key is taken from every place that holds one, and other credentials stay', async () => {
  const from = [
    { header: 'X-API-Key' },
    { query: 'key' },
    { header: 'Authorization', prefix: 'Key' },
  ]
  const { ask } = await setUp({ from })
  const found = await ask(0, {
    url: `https://a.example/?key=${other}`,
    headers: { 'x-api-key': key, authorization: 'Bearer of-the-service' },
  })
  expect(found).toMatchObject({
    spent: [
      { in: 'header', name: 'x-api-key' },
      { in: 'query', name: 'key' },
    ],
  })
})

test('with passOn the key stays in the request', async () => {
  const { ask } = await setUp({ passOn: true })
  expect(await ask(0)).toMatchObject({ spent: [] })
})

test('what is forwarded stands under lower-case names, and what is absent is left out', async () => {
  const forward = {
    id: 'X-Key-Id',
    consumer: 'X-Consumer',
    plan: 'X-Plan',
    scopes: 'X-Scopes',
    '/metadata/tier': 'X-Tier',
    '/metadata/none': 'X-None',
  }
  const { ask } = await setUp({ forward })
  const found = await ask(0)
  if (found.kind !== 'verified') throw new TypeError('not verified')
  expect(fields(found.forward)).toEqual(
    fields({
      'x-key-id': 'k1',
      'x-consumer': 'shop',
      'x-plan': 'gold',
      'x-scopes': 'read,write',
      'x-tier': 'a',
    }),
  )
  expect(definition.reserves?.({ use: 'api-key', forward })).toContain('x-none')
})

test.each([
  [{ from: [] }],
  [{ forward: { key: 'X-Key' } }],
  [{ forward: { id: 'Host' } }],
  [{ onStoreFault: 'local' }],
  [{ storeTimeoutMs: 60_000 }],
  [{ when: { headers: { 'x-skip': { present: false } } } }],
])('%j is refused by the schema', (options) => {
  expect(apiKeySchema.safeParse({ use: 'api-key', ...options }).success).toBe(false)
})

test('the plan of a key counts before that of its consumer, whose roles and metadata stay', async () => {
  const entry = { plan: 'silver', roles: ['partner'], metadata: { contact: 'x' } }
  const resolve = bindConsumers({ version: 1, consumers: { shop: entry }, routes: [] }, 0)
  const consumerOf = async (change: Partial<KeyRecord>) => {
    const { exchangeAt, policy } = await setUp({}, change)
    const exchange = exchangeAt(0)
    const step = { name: 'key', mode: 'enforce', policy, when: null, resolve } as const
    await compose([step], () => new Response('ok'))(exchange)
    return exchange.identity?.consumer
  }
  expect(await consumerOf({})).toEqual({ name: 'shop', ...entry, plan: 'gold' })
  expect(await consumerOf({ plan: null })).toEqual({ name: 'shop', ...entry })
  // A consumer that only the key names is one all the same.
  expect(await consumerOf({ consumer: 'other' })).toMatchObject({ name: 'other', plan: 'gold' })
})

test('in shadow mode a bad key passes and nothing is taken out or forwarded', async () => {
  const { exchangeAt, policy } = await setUp({ forward: { id: 'X-Key-Id' } })
  for (const [sent, outcome] of [
    [key, 'would-pass'],
    [other, 'would-refuse:key-unknown'],
  ] as const) {
    const exchange = exchangeAt(0, { headers: { 'x-api-key': sent } })
    const step = { name: 'key', mode: 'shadow', policy, when: null, resolve: () => null } as const
    const answer = await compose([step], () => new Response('ok'))(exchange)
    expect(answer).toBeInstanceOf(Response)
    expect(exchange.event.policies.key).toBe(outcome)
    expect(exchange.outgoing.headers).toEqual(fields({ 'x-api-key': sent }))
  }
})
