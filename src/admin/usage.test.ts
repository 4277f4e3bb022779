import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import { planOf } from '../../test/gateway.ts'
import type { BucketView } from '../buckets/messages.ts'
import type { BucketShape } from '../buckets/shape.ts'
import { refuse } from '../errors/refusal.ts'
import type { BucketObjects } from '../platform/ports.ts'
import type { AdminCall, AdminParts } from './call.ts'
import type { Guard } from './guard.ts'
import { bindUsage } from './usage.ts'

const users = (name: string) => ({
  use: 'basic-auth',
  users: { [name]: { password: { secret: 'PASSWORD' } } },
})
const secrets = { PASSWORD: 'open sesame and some more' }
const basic = (name: string, password = secrets.PASSWORD) => ({
  authorization: `Basic ${btoa(`${name}:${password}`)}`,
})

const month = { use: 'quota', limit: 100, per: 'month' }

/** Two routes that know callers by different lists. */
function tableOf(policies: readonly object[] = [month], more: object = {}) {
  const respond = { status: 200, body: 'ok' }
  return {
    version: 1,
    plans: { gold: {}, free: {} },
    consumers: { ada: { plan: 'gold' }, bob: { plan: 'free' } },
    routes: [
      { name: 'first', match: { path: '/first' }, policies: [users('ada'), ...policies], respond },
      { name: 'second', match: { path: '/second' }, policies: [users('bob')], respond },
    ],
    ...more,
  }
}

function viewOf({ kind, limit }: BucketShape): BucketView {
  const resetsAt = kind === 'quota' ? Date.UTC(2026, 1, 1) : null
  return { shape: kind, limit, available: limit - 10, outstanding: 4, isolates: 1, resetsAt }
}

function setUp(table: object | null, look: (shape: BucketShape) => Promise<BucketView>) {
  const plan = table === null ? null : planOf(table, { secrets })
  const source = { plan, missing: refuse('TABLE_MISSING') }
  const hide: Guard['hide'] = (handler) => (call, params) =>
    call.received.authorization === 'Bearer admin'
      ? handler(call, params)
      : refuse('ADMIN_TOKEN_INVALID')
  const guard = { hide } as unknown as Guard
  const usage = bindUsage({ source } as unknown as AdminParts, guard)
  const looked: string[] = []
  const buckets = {
    look(place: { policy: string; object: string }, shape: BucketShape) {
      looked.push(`${place.policy} ${place.object}`)
      return look(shape)
    },
  } as unknown as BucketObjects
  async function ask(headers: Record<string, string>, query = '') {
    const url = `https://api.example.com/_gateway/usage${query}`
    const exchange = makeExchange({ url, headers, buckets })
    const answer = await usage(exchange as AdminCall, {})
    if (answer instanceof Response) return { code: null, json: (await answer.json()) as object }
    return { code: answer.code, json: {}, headers: answer.headers ?? {} }
  }
  return { ask, looked }
}

const all = (shape: BucketShape) => Promise.resolve(viewOf(shape))

test('a caller sees what is used: what isolates hold unspent is not', async () => {
  const { ask } = setUp(tableOf(), all)
  expect((await ask(basic('ada'))).json).toEqual({
    consumer: 'ada',
    plan: 'gold',
    limits: [],
    quotas: [
      {
        policy: 'quota-1',
        route: 'first',
        limit: 100,
        used: 6,
        remaining: 94,
        per: 'month',
        resetsAt: '2026-02-01T00:00:00.000Z',
      },
    ],
  })
})

test('a rate shows its window and what can be had', async () => {
  const rate = { use: 'rate-limit', limit: 60, windowSeconds: 30, burst: 20 }
  const { json } = await setUp(tableOf([rate]), all).ask(basic('ada'))
  expect(json).toMatchObject({
    limits: [{ policy: 'rate-limit-1', limit: 60, windowSeconds: 30, burst: 20, available: 20 }],
  })
})

test('each identity policy of the table is asked, and the buckets are those of the caller', async () => {
  const { ask, looked } = setUp(tableOf(), all)
  expect((await ask(basic('bob'))).json).toMatchObject({ consumer: 'bob', plan: 'free' })
  await ask(basic('ada'))
  expect(looked).toHaveLength(2)
  expect(new Set(looked).size).toBe(2)
})

test('limits by other keys, in shadow mode, and for other plans are not shown', async () => {
  const { looked, ask } = setUp(
    tableOf([
      { ...month, by: ['client.ip'] },
      { ...month, by: ['consumer', 'route'] },
      { ...month, mode: 'shadow' },
      { ...month, when: { consumer: { plans: ['free'] } } },
      { use: 'concurrency', limit: 5 },
    ]),
    all,
  )
  expect((await ask(basic('ada'))).json).toMatchObject({ limits: [], quotas: [] })
  expect(looked).toEqual([])
})

test('a limit that routes share is one bucket and shown once', async () => {
  const table = tableOf([], { defaults: { policies: [month] } })
  const { json } = await setUp(table, all).ask(basic('ada'))
  expect(json).toMatchObject({ quotas: [{ policy: 'quota-1', route: null }] })
})

test('a caller of whom nothing says what it may have sees nothing, and no error', async () => {
  const table = tableOf([{ use: 'quota', plan: true }], { consumers: { ada: {} } })
  expect((await setUp(table, all).ask(basic('ada'))).json).toMatchObject({ quotas: [] })
})

test('nobody else learns anything', async () => {
  const { ask, looked } = setUp(tableOf(), all)
  const none = await ask({})
  expect(none).toMatchObject({ code: 'CREDENTIALS_MISSING' })
  expect(none.headers).toHaveProperty('www-authenticate')
  expect((await ask(basic('ada', 'wrong'))).code).toBe('CREDENTIALS_INVALID')
  expect((await ask({}, '?consumer=ada')).code).toBe('ADMIN_TOKEN_INVALID')
  expect((await ask(basic('ada'), '?consumer=bob')).code).toBe('ADMIN_TOKEN_INVALID')
  expect(looked).toEqual([])
})

test('a table that knows no callers has no usage, and no table is said to be missing', async () => {
  const respond = { status: 200, body: 'ok' }
  const open = { version: 1, routes: [{ name: 'a', match: { path: '/a' }, respond }] }
  expect((await setUp(open, all).ask({})).code).toBe('ADMIN_NOT_FOUND')
  expect((await setUp(null, all).ask({})).code).toBe('TABLE_MISSING')
})

test('a store that fails, or says nothing in time, is 503', async () => {
  const failing = () => Promise.reject(new Error('gone'))
  expect((await setUp(tableOf(), failing).ask(basic('ada'))).code).toBe('STORE_UNAVAILABLE')
  const silent = () => new Promise<BucketView>(() => {})
  const table = tableOf([{ ...month, storeTimeoutMs: 1 }])
  expect((await setUp(table, silent).ask(basic('ada'))).code).toBe('STORE_UNAVAILABLE')
})

test('the operator asks by name, and learns which authority was meant', async () => {
  const { ask, looked } = setUp(tableOf(), all)
  const admin = { authorization: 'Bearer admin' }
  expect((await ask(admin, '?consumer=ada')).json).toMatchObject({
    consumer: 'ada',
    plan: 'gold',
    authority: 'basic',
    authorities: ['basic'],
    quotas: [{ used: 6 }],
  })
  await ask(basic('ada'))
  expect(looked[0]).toBe(looked[1])
  await ask(admin, '?consumer=ada&authority=hmac')
  expect(looked[2]).not.toBe(looked[0])
  expect((await ask(admin, '?consumer=nobody')).code).toBe('ADMIN_NOT_FOUND')
})
