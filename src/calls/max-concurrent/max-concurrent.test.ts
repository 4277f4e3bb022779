import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TestIsolate } from '../../../test/buckets.ts'
import { makeCall } from '../../../test/call.ts'
import { makeCallScope } from '../../../test/calls.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import { bindMaxConcurrent } from './max-concurrent.ts'
import type { MaxConcurrentOptions } from './schema.ts'

beforeEach(() => {
  // The runtime's own streams, of which Node has only the common one.
  vi.stubGlobal('IdentityTransformStream', TransformStream)
  vi.stubGlobal('FixedLengthStream', TransformStream)
})
afterEach(() => vi.unstubAllGlobals())

/** A call of a new request in this isolate. */
function callIn(isolate: TestIsolate, signal?: AbortSignal): Call {
  const call = makeCall({})
  const { ports, request } = call.exchange
  const exchange = {
    ...call.exchange,
    request: signal === undefined ? request : new Request(request, { signal }),
    ports: { ...ports, ...isolate.request() },
  }
  return { ...call, exchange }
}

function bind(maxConcurrent: MaxConcurrentOptions, send: Send): Send {
  return bindMaxConcurrent(makeCallScope({ maxConcurrent }))?.(send) as Send
}

function nameOf(answer: Answer): string | number {
  return answer instanceof Response ? answer.status : answer.code
}

/** A service whose answers the test gives. */
function makeService() {
  const waiting: ((answer: Answer) => void)[] = []
  return {
    waiting,
    send: () => new Promise<Answer>((resolve) => waiting.push(resolve)),
  }
}

test('an upstream without it has no such step', () => {
  expect(bindMaxConcurrent(makeCallScope())).toBeNull()
})

test('the call beyond the limit is refused at once, unsent, and told when to come back', async () => {
  const isolate = new TestIsolate('a')
  const { send, waiting } = makeService()
  const upstream = bind(1, send)
  const first = upstream(callIn(isolate))
  await isolate.clock.advance(10)
  const second = await isolate.clock.until(upstream(callIn(isolate)))
  expect(second).toMatchObject({
    kind: 'refused',
    code: 'UPSTREAM_FULL',
    unsent: true,
    headers: { 'Retry-After': '1' },
  })
  expect(waiting).toHaveLength(1)
  waiting[0]?.(new Response(null, { status: 204 }))
  expect(nameOf(await first)).toBe(204)
})

test('a slot is free for the next call when an answer without body is there', async () => {
  const isolate = new TestIsolate('a')
  const upstream = bind(1, async () => new Response(null, { status: 204 }))
  for (let count = 0; count < 3; count += 1) {
    expect(nameOf(await isolate.clock.until(upstream(callIn(isolate))))).toBe(204)
    await isolate.clock.advance(200)
  }
})

test('the slot is held until the body has ended', async () => {
  const isolate = new TestIsolate('a')
  const upstream = bind(1, async () => new Response('hello'))
  const answer = (await isolate.clock.until(upstream(callIn(isolate)))) as Response
  await isolate.clock.advance(200)
  expect(nameOf(await isolate.clock.until(upstream(callIn(isolate))))).toBe('UPSTREAM_FULL')
  expect(await answer.text()).toBe('hello')
  await isolate.clock.advance(200)
  expect(nameOf(await isolate.clock.until(upstream(callIn(isolate))))).toBe(200)
})

test('a call that failed frees its slot', async () => {
  const isolate = new TestIsolate('a')
  const failed = refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })
  const upstream = bind(1, async () => failed)
  expect(await isolate.clock.until(upstream(callIn(isolate)))).toBe(failed)
  await isolate.clock.advance(200)
  expect(await isolate.clock.until(upstream(callIn(isolate)))).toBe(failed)
})

test('a bug below frees the slot too, and stays a bug', async () => {
  const isolate = new TestIsolate('a')
  const upstream = bind(1, async () => {
    throw new Error('a bug')
  })
  const caught = upstream(callIn(isolate)).catch((error: Error) => error.message)
  expect(await isolate.clock.until(caught)).toBe('a bug')
  await isolate.clock.advance(200)
  const again = upstream(callIn(isolate)).catch((error: Error) => error.message)
  expect(await isolate.clock.until(again)).toBe('a bug')
})

test('a client that leaves frees the slot, and who asked to hear of it before still does', async () => {
  const isolate = new TestIsolate('a')
  const { send, waiting } = makeService()
  const upstream = bind(1, send)
  const call = callIn(isolate)
  let told = 0
  call.exchange.onLeave = () => {
    told += 1
  }
  void upstream(call)
  await isolate.clock.advance(10)
  call.exchange.onLeave()
  await isolate.clock.advance(200)
  void upstream(callIn(isolate))
  await isolate.clock.advance(10)
  expect(waiting).toHaveLength(2)
  expect(told).toBe(1)
  expect(call.signal?.aborted).toBe(true)
})

test('a call whose time ran out frees the slot, and its late answer is not wrapped', async () => {
  const isolate = new TestIsolate('a')
  const { send, waiting } = makeService()
  const upstream = bind(1, send)
  const call = callIn(isolate)
  call.onExpiry = []
  const answer = upstream(call)
  await isolate.clock.advance(10)
  for (const tell of call.onExpiry) tell('table')
  expect(call.signal?.aborted).toBe(true)
  await isolate.clock.advance(200)
  void upstream(callIn(isolate))
  await isolate.clock.advance(10)
  expect(waiting).toHaveLength(2)
  const late = new Response('late')
  waiting[0]?.(late)
  expect(await answer).toBe(late)
})

test('a request that ended while its slot was asked for sends nothing and holds nothing', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.delayMs = 50
  const { send, waiting } = makeService()
  const upstream = bind(1, send)
  const leaving = new AbortController()
  const answer = upstream(callIn(isolate, leaving.signal))
  leaving.abort()
  expect(await isolate.clock.until(answer)).toMatchObject({ unsent: true })
  await isolate.clock.advance(500)
  void upstream(callIn(isolate))
  await isolate.clock.advance(500)
  expect(waiting).toHaveLength(1)
})

test('who called the whole off still does', async () => {
  const isolate = new TestIsolate('a')
  const outer = new AbortController()
  const call = callIn(isolate)
  call.signal = outer.signal
  void bind(1, makeService().send)(call)
  await isolate.clock.advance(10)
  outer.abort()
  expect(call.signal.aborted).toBe(true)
})

test('two isolates share the slots of an upstream', async () => {
  const one = new TestIsolate('a')
  const other = new TestIsolate('b', one.clock, one.objects)
  const { send, waiting } = makeService()
  const upstream = bind(2, send)
  void upstream(callIn(one))
  void upstream(callIn(other))
  await one.clock.advance(10)
  expect(nameOf(await one.clock.until(upstream(callIn(one))))).toBe('UPSTREAM_FULL')
  expect(nameOf(await one.clock.until(upstream(callIn(other))))).toBe('UPSTREAM_FULL')
  expect(waiting).toHaveLength(2)
})

test('a busy isolate has slots in blocks: most calls cost no hop', async () => {
  const isolate = new TestIsolate('a')
  const upstream = bind(200, async () => new Response(null, { status: 204 }))
  for (let count = 0; count < 500; count += 1) {
    expect(nameOf(await isolate.clock.until(upstream(callIn(isolate))))).toBe(204)
    await isolate.clock.advance(20)
  }
  expect(isolate.objects.sent.length).toBeLessThan(50)
})

test.each([
  ['local', 204, 'passed:local'],
  ['allow', 204, 'passed:unlimited'],
] as const)(
  'slots that cannot be asked for: %s lets the first call pass and says so',
  async (onStoreFault, expected, outcome) => {
    const isolate = new TestIsolate('a')
    isolate.objects.trouble = 'fault'
    const upstream = bind(
      { limit: 20, onStoreFault },
      async () => new Response(null, { status: 204 }),
    )
    const call = callIn(isolate)
    expect(nameOf(await isolate.clock.until(upstream(call)))).toBe(expected)
    expect(call.exchange.event.policies).toEqual({ 'upstream:users': outcome })
  },
)

test('without its store an isolate has a tenth of the limit', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const { send, waiting } = makeService()
  const upstream = bind(20, send)
  const answers = [1, 2, 3].map(() => upstream(callIn(isolate)))
  await isolate.clock.advance(10)
  expect(waiting).toHaveLength(2)
  expect(nameOf(await (answers[2] as Promise<Answer>))).toBe('UPSTREAM_FULL')
})

test('slots that cannot be asked for: deny refuses as a store that is away', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'fault'
  const upstream = bind({ limit: 20, onStoreFault: 'deny' }, async () => new Response(null))
  expect(await isolate.clock.until(upstream(callIn(isolate)))).toMatchObject({
    code: 'STORE_UNAVAILABLE',
    unsent: true,
    headers: { 'Retry-After': '1' },
  })
})

test('an object that is overloaded is a refusal, whatever a fault would mean', async () => {
  const isolate = new TestIsolate('a')
  isolate.objects.trouble = 'overloaded'
  const upstream = bind({ limit: 20, onStoreFault: 'allow' }, async () => new Response(null))
  expect(nameOf(await isolate.clock.until(upstream(callIn(isolate))))).toBe('UPSTREAM_FULL')
})
