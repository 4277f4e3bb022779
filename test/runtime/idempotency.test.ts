import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import type { BeginMessage } from '../../src/idempotency/messages.ts'
import {
  bindIdempotencyObjects,
  type IdempotencyBindings,
} from '../../src/platform/cloudflare/idempotency-objects.ts'

const bindings = env as unknown as IdempotencyBindings
const place = { object: 'k', entry: 'e' }
const first: BeginMessage = {
  token: 'one',
  fingerprint: { target: 'T', body: 'B' },
  leaseMs: 30_000,
  ttlMs: 86_400_000,
  onUnknown: 'free',
}
const second = { ...first, token: 'two' }

afterEach(async () => {
  vi.useRealTimers()
  await reset()
})

const stub = () => bindings.IDEMPOTENCY.getByName(place.object)
const objects = () => bindIdempotencyObjects(bindings)

async function answer(body: ArrayBuffer | null): Promise<void> {
  await objects().begin(place, first)
  await objects().end(place, {
    token: 'one',
    body: null,
    ttlMs: 86_400_000,
    ending: { kind: 'answered', answer: { status: 201, fields: [['location', '/1']], body } },
  })
}

/** What the object has stored, and when its alarm rings. */
function stored() {
  return runInDurableObject(stub(), async (_, { storage }) => ({
    rows: storage.sql.exec('SELECT entry FROM keys').toArray().length,
    alarmAt: await storage.getAlarm(),
  }))
}

test('of twenty at once one runs', async () => {
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, at) => objects().begin(place, { ...first, token: `${at}` })),
  )
  expect(replies.filter(({ kind }) => kind === 'run')).toHaveLength(1)
  expect(replies.filter(({ kind }) => kind === 'running')).toHaveLength(19)
})

test('an answer with the largest body that is kept is the same after the object slept', async () => {
  const body = new Uint8Array(1_572_864).fill(7)
  await answer(body.buffer)
  await evictDurableObject(stub())
  const reply = await objects().begin(place, second)
  if (reply.kind !== 'answered') throw new TypeError(reply.kind)
  expect(reply.answer.fields).toEqual([['location', '/1']])
  expect(new Uint8Array(reply.answer.body ?? new ArrayBuffer(0))).toEqual(body)
})

test('a key that is held is held after the object slept', async () => {
  await objects().begin(place, first)
  await evictDurableObject(stub())
  expect(await objects().begin(place, second)).toEqual({ kind: 'running' })
  expect(await objects().renew(place, 'one', 30_000)).toBe(true)
})

test('the alarm deletes what has expired, and then the object keeps nothing', async () => {
  await answer(null)
  const { rows, alarmAt } = await stored()
  expect([rows, (alarmAt ?? 0) > Date.now() + 86_300_000]).toEqual([1, true])
  vi.useFakeTimers({ now: Date.now() + 86_500_000, toFake: ['Date'] })
  expect(await runDurableObjectAlarm(stub())).toBe(true)
  expect(await stored()).toEqual({ rows: 0, alarmAt: null })
  expect(await objects().begin(place, second)).toEqual({ kind: 'run' })
})

test('an alarm that finds keys in use comes back when the first of them expires', async () => {
  await answer(null)
  expect(await runDurableObjectAlarm(stub())).toBe(true)
  const { rows, alarmAt } = await stored()
  expect([rows, (alarmAt ?? 0) > Date.now() + 86_300_000]).toEqual([1, true])
})
