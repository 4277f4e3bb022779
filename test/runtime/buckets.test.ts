import {
  abortAllDurableObjects,
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import type { LeaseReply } from '../../src/buckets/messages.ts'
import type { BucketShape, QuotaShape, RateShape } from '../../src/buckets/shape.ts'
import { bindBucketObjects } from '../../src/platform/cloudflare/bucket-objects.ts'
import { leaseCall, slotsCall } from '../doubles/lease-call.ts'
import { bindings } from './bindings.ts'

const slow: RateShape = { kind: 'rate', limit: 5, windowMs: 3_600_000, burst: 5 }
const fast: RateShape = { kind: 'rate', limit: 1_000, windowMs: 1_000, burst: 1_000 }
const monthly: QuotaShape = { kind: 'quota', limit: 50_000, period: { per: 'month' } }

const place = { policy: 'p', object: 'p/key', bucket: '', location: null }
const one = { need: [1] }

afterEach(async () => {
  vi.useRealTimers()
  await reset()
})

function stubOf(object: string) {
  return bindings.BUCKETS.getByName(object)
}

async function ask(
  shape: BucketShape,
  message: Parameters<typeof leaseCall>[0],
): Promise<LeaseReply> {
  const reply = await bindBucketObjects(bindings).call(place, shape, leaseCall(message))
  if (reply.kind !== 'leased') throw new Error(reply.kind)
  return reply
}

/** What the object has stored, and when its alarm rings. */
function storedOf(object: string) {
  return runInDurableObject(stubOf(object), async (_, { storage }) => ({
    keys: [...storage.kv.list()].map(([key]) => key),
    alarmAt: await storage.getAlarm(),
  }))
}

test('of a hundred calls at once exactly as many are granted as the bucket holds', async () => {
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => ask(slow, { isolate: `i${index}`, ...one })),
  )
  expect(replies.filter(({ granted }) => granted === 1)).toHaveLength(5)
  expect(Math.min(...replies.map(({ all }) => all))).toBe(0)
})

test.each<[string, (object: string) => Promise<void>]>([
  ['evicted', (object) => evictDurableObject(stubOf(object))],
  ['aborted', () => abortAllDurableObjects()],
])('an object that was %s grants nothing twice', async (_, end) => {
  expect(await ask(slow, { need: [1, 1, 1, 1] })).toMatchObject({ granted: 4 })
  const before = await ask(slow, { seq: 2, ack: 1, isolate: 'b' })
  await end(place.object)
  const after = await ask(slow, { seq: 3, ack: 2, need: [1, 1] })
  expect(after).toMatchObject({ granted: 1 })
  expect(after.incarnation).not.toBe(before.incarnation)
})

test('an object that slept knows what a quota has left, and what is leased', async () => {
  expect(await ask(monthly, { need: [20_000], want: 500 })).toMatchObject({ lease: 500 })
  await evictDurableObject(stubOf(place.object))
  expect(await bindBucketObjects(bindings).look(place, monthly)).toMatchObject({
    available: 29_500,
  })
})

test('slots that may be in use are not given out by a start', async () => {
  const shape: BucketShape = { kind: 'slots', limit: 2 }
  const objects = bindBucketObjects(bindings)
  expect(await objects.call(place, shape, slotsCall({ need: 2 }))).toMatchObject({ held: 2 })
  await evictDurableObject(stubOf(place.object))
  const other = slotsCall({ isolate: 'b', need: 1 })
  expect(await objects.call(place, shape, other)).toMatchObject({ held: 0, waitMs: 100 })
})

test('a bucket that is full again deletes its storage, and its alarm is gone', async () => {
  await ask(fast, { need: [1_000] })
  const stored = await storedOf(place.object)
  expect(stored.keys).toEqual(['shared'])
  expect(stored.alarmAt).toBeGreaterThan(Date.now())
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] })
  expect(await runDurableObjectAlarm(stubOf(place.object))).toBe(true)
  expect(await storedOf(place.object)).toEqual({ keys: [], alarmAt: null })
})

test('an alarm that finds a bucket in use comes back later', async () => {
  await ask(slow, one)
  expect(await runDurableObjectAlarm(stubOf(place.object))).toBe(true)
  const stored = await storedOf(place.object)
  expect(stored.keys).toEqual(['rate:'])
  expect(stored.alarmAt).toBeGreaterThan(Date.now() + 59_000)
})

test('the alarm of an object that slept deletes what rests', async () => {
  await ask(fast, { need: [1_000] })
  await evictDurableObject(stubOf(place.object))
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] })
  expect(await runDurableObjectAlarm(stubOf(place.object))).toBe(true)
  expect(await storedOf(place.object)).toEqual({ keys: [], alarmAt: null })
})

test('many buckets live in one object, each with a level of its own', async () => {
  const objects = bindBucketObjects(bindings)
  for (const bucket of ['192.0.2.1', '192.0.2.2']) {
    const reply = await objects.call({ ...place, bucket }, slow, leaseCall({ need: [5] }))
    expect(reply).toMatchObject({ granted: 1 })
  }
  expect((await storedOf(place.object)).keys).toEqual(['rate:192.0.2.1', 'rate:192.0.2.2'])
})

test('an operator looks at a bucket, fills it and adds to it', async () => {
  const objects = bindBucketObjects(bindings)
  await ask(slow, { need: [5] })
  expect(await objects.change(place, slow, { kind: 'top-up', tokens: 2 })).toMatchObject({
    available: 2,
  })
  await evictDurableObject(stubOf(place.object))
  expect(await objects.look(place, slow)).toMatchObject({ available: 2 })
  expect(await objects.change(place, slow, { kind: 'reset' })).toMatchObject({ available: 5 })
})
