import { expect, test } from 'vitest'
import { ManualObjects, makeClaim, TestIsolate } from '../../test/buckets.ts'
import type { Claim } from './claims.ts'
import type { LeaseCall, LeaseReply } from './messages.ts'
import { takeAll } from './take.ts'

const hundred = { kind: 'rate', limit: 100, windowMs: 1_000, burst: 100 } as const
const hourly = { kind: 'rate', limit: 100, windowMs: 3_600_000, burst: 100 } as const

const granted = (seq: number, given: Partial<LeaseReply> = {}): LeaseReply => ({
  kind: 'leased',
  seq,
  incarnation: 'one',
  at: 1,
  granted: 1,
  lease: 0,
  ttlMs: 5_000,
  waitMs: 0,
  all: 50,
  isolates: 1,
  resetMs: null,
  ...given,
})

const ignore = (work: Promise<unknown>) => void work.catch(() => {})

test('a store that fails is refused as a fault where the policy says deny', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const claim = makeClaim(hundred)
  expect(await isolate.taken([claim])).toEqual({ kind: 'fault', claims: [claim] })
})

test('a store that fails limits nothing where the policy says allow', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  expect(await isolate.taken([makeClaim(hundred, { onStoreFault: 'allow' })])).toMatchObject({
    kind: 'admitted',
    tickets: [{ by: 'unlimited' }],
  })
})

test('where the policy says local, a tenth passes while the store fails, and the rest is told when to come', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const claim = makeClaim(hourly, { onStoreFault: 'local' })
  let admitted = 0
  for (let count = 0; count < 30; count += 1) {
    const admission = await isolate.taken([claim])
    if (admission.kind !== 'admitted') continue
    expect(admission.tickets[0]?.by).toBe('local')
    admitted += 1
  }
  expect(admitted).toBe(10)
  expect(await isolate.taken([claim])).toMatchObject({
    kind: 'refused',
    refused: [{ retryAfterMs: 360_000, overloaded: false }],
  })
})

test('a local token that another limit made useless can be taken again', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const place = { ...makeClaim(hourly).place, object: 'other' }
  const local = makeClaim(hourly, { onStoreFault: 'local' })
  const denied = makeClaim(hourly, { place })
  expect((await isolate.taken([local, denied])).kind).toBe('fault')
  const admission = await isolate.taken([local])
  if (admission.kind !== 'admitted') throw new Error(admission.kind)
  expect(admission.tickets[0]?.remaining(isolate.clock.now())).toBe(9)
})

test('a store that failed is not asked again for half a second, and then by one request', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  await isolate.taken([makeClaim(hundred)])
  isolate.objects.trouble = 'none'
  expect(isolate.take([makeClaim(hundred)])).toMatchObject({ kind: 'fault' })
  expect(isolate.objects.sent.length).toBe(1)
  await isolate.clock.advance(500)
  const first = isolate.take([makeClaim(hundred)])
  expect(isolate.take([makeClaim(hundred)])).toMatchObject({ kind: 'fault' })
  expect(await isolate.clock.until(Promise.resolve(first))).toMatchObject({ kind: 'admitted' })
})

test('a request waits for its store as long as its policy says, and the call goes on', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.delayMs = 150
  const begin = isolate.clock.now()
  const claim = makeClaim(hundred, { storeTimeoutMs: 100 })
  const admission = isolate.take([claim])
  await isolate.clock.advance(100)
  expect(await admission).toEqual({ kind: 'fault', claims: [claim] })
  expect(isolate.clock.now() - begin).toBe(100)
  await isolate.clock.advance(200)
  // The reply came after all: what it granted goes back with the next call.
  await isolate.taken([makeClaim(hundred)])
  expect(isolate.objects.sent.at(-1)).toMatchObject({ seq: 2, ack: 1, refund: 1 })
})

test('a lost call is given up after a second, and its late reply is never used', async () => {
  const isolate = new TestIsolate('a')
  const objects = new ManualObjects()
  const slow = isolate.take([makeClaim(hundred, { storeTimeoutMs: 3_000 })], objects)
  await isolate.clock.advance(1_000)
  expect(objects.sent).toMatchObject([
    { seq: 1, ack: 0 },
    { seq: 2, ack: 0, need: [1] },
  ])
  objects.answer(0, granted(1, { lease: 40 }))
  await isolate.clock.advance(1)
  objects.answer(1, granted(2))
  expect(await slow).toMatchObject({ kind: 'admitted' })
  const next = isolate.take([makeClaim(hundred)], objects)
  expect(objects.sent.at(-1)).toMatchObject({ seq: 3, ack: 2, hold: 0 })
  objects.answer(2, granted(3))
  expect(await next).toMatchObject({ kind: 'admitted' })
})

test('requests that come during a call join it, and the next call asks for them together', async () => {
  const isolate = new TestIsolate('a')
  const objects = new ManualObjects()
  const all = [1, 2, 3].map((cost) => isolate.take([makeClaim(hundred, { cost })], objects))
  expect(objects.sent).toMatchObject([{ seq: 1, need: [1] }])
  objects.answer(0, granted(1))
  await isolate.clock.advance(1)
  expect(objects.sent).toMatchObject([{ seq: 1 }, { seq: 2, need: [2, 3] }])
  objects.answer(1, granted(2, { granted: 1, waitMs: 70 }))
  expect(await Promise.all(all)).toMatchObject([
    { kind: 'admitted' },
    { kind: 'admitted' },
    { kind: 'refused', refused: [{ retryAfterMs: 70 }] },
  ])
})

test('when the request that leads a call has ended, one that waits takes over with the next number', async () => {
  const isolate = new TestIsolate('a')
  const objects = new ManualObjects()
  const ports = isolate.request(objects)
  let kill: (error: Error) => void = () => {}
  const dead = new Promise<never>((_, reject) => {
    kill = reject
  })
  // The runtime rejects what waits on a promise of a request that has ended; here its alarm stands for it. Its own
  // code never goes on, so its first wait is on a promise that never settles.
  let alarms = 0
  const timers = {
    after: () => {
      alarms += 1
      return { done: alarms === 1 ? dead : new Promise<never>(() => {}), cancel: () => {} }
    },
  }
  void takeAll([makeClaim(hundred)], { ...ports, timers, defer: ignore })
  const followers = [2, 3].map((cost) => isolate.take([makeClaim(hundred, { cost })], objects))
  kill(new Error('This promise was created by a request that has since ended'))
  await isolate.clock.advance(1)
  expect(objects.sent.slice(0, 2)).toMatchObject([{ seq: 1 }, { seq: 2, ack: 0 }])
  expect((objects.sent[1] as LeaseCall).need.slice(-2)).toEqual([2, 3])
  objects.answer(1, granted(2, { granted: 3 }))
  expect(await Promise.all(followers)).toMatchObject([{ kind: 'admitted' }, { kind: 'admitted' }])
})

test('calls that are stale again and again end as a fault', async () => {
  const isolate = new TestIsolate('a')
  const objects = new ManualObjects()
  const admission = isolate.take([makeClaim(hundred)], objects)
  for (let index = 0; index < 10; index += 1) {
    objects.answer(index, { kind: 'stale' })
    await isolate.clock.advance(1)
  }
  expect(await admission).toMatchObject({ kind: 'fault' })
  expect(objects.sent.length).toBe(6)
})

test('an object that says it is overloaded refuses, and is left alone for 200 ms', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'overloaded'
  expect(await isolate.taken([makeClaim(hundred, { onStoreFault: 'allow' })])).toMatchObject({
    kind: 'refused',
    refused: [{ overloaded: true, retryAfterMs: 200 }],
  })
  isolate.objects.trouble = 'none'
  await isolate.clock.advance(199)
  expect(isolate.take([makeClaim(hundred)])).toMatchObject({
    kind: 'refused',
    refused: [{ overloaded: true }],
  })
  await isolate.clock.advance(1)
  expect(await isolate.taken([makeClaim(hundred)])).toMatchObject({ kind: 'admitted' })
  expect(isolate.objects.sent.length).toBe(2)
})

test('a lost reply costs no token beyond what the object takes back', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hourly)
  await isolate.taken([claim])
  isolate.objects.trouble = 'reply-lost'
  expect(await isolate.taken([claim])).toMatchObject({ kind: 'fault' })
  isolate.objects.trouble = 'none'
  await isolate.clock.advance(500)
  await isolate.taken([claim])
  const { available, outstanding } = await isolate.objects.look(claim.place, hourly)
  expect(available + outstanding).toBe(98)
})

test('an object that restarts grants nothing twice', async () => {
  const isolate = new TestIsolate('a')
  const claim = makeClaim(hourly)
  let admitted = 0
  for (let count = 0; count < 200; count += 1) {
    if (count % 7 === 6) isolate.objects.restart()
    const admission = await isolate.taken([claim])
    if (admission.kind !== 'admitted') continue
    admitted += 1
    for (const ticket of admission.tickets) ticket.settle()
  }
  expect(admitted).toBeLessThanOrEqual(100)
  expect(admitted).toBeGreaterThan(50)
})

test('a clock that goes back while a request waits does not hold it for ever', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'call-lost'
  const admission = isolate.take([makeClaim(hundred)])
  isolate.clock.set(isolate.clock.now() - 60_000)
  await isolate.clock.advance(62_000)
  expect(await admission).toMatchObject({ kind: 'fault' })
})

const limits: readonly Claim['onStoreFault'][] = ['allow', 'local', 'deny']
test.each(limits)(
  'a store that was away is exact again once it answers, with %s',
  async (onStoreFault) => {
    const isolate = new TestIsolate('a')
    const claim = makeClaim({ ...hourly, limit: 3, burst: 3 }, { onStoreFault })
    isolate.objects.trouble = 'fault'
    await isolate.taken([claim])
    isolate.objects.trouble = 'none'
    await isolate.clock.advance(500)
    const kinds: string[] = []
    for (let count = 0; count < 4; count += 1) kinds.push((await isolate.taken([claim])).kind)
    expect(kinds).toEqual(['admitted', 'admitted', 'admitted', 'refused'])
  },
)
