import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer, Exchange, Outgoing } from '../../pipeline/exchange.ts'
import type { Next, Wrap } from '../../pipeline/policy.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryIdempotencyObjects } from '../../platform/memory/idempotency-objects.ts'
import type { Ports } from '../../platform/ports.ts'
import { definition } from './policy.ts'
import { type IdempotencyOptions, idempotencySchema } from './schema.ts'

/** The runtime's own streams, of which Node has only the common one. */
class Fixed extends TransformStream<Uint8Array, Uint8Array> {
  constructor(length: number) {
    super()
    fixed.push(length)
  }
}
class DigestStream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>
  constructor() {
    const hash = createHash('sha256')
    let tell = (_: ArrayBuffer) => {}
    const digest = new Promise<ArrayBuffer>((resolve) => {
      tell = resolve
    })
    super({
      write: (chunk) => void hash.update(chunk),
      close: () => tell(new Uint8Array(hash.digest()).buffer),
    })
    this.digest = digest
  }
}
const hashOf = (bytes: Uint8Array): ArrayBuffer =>
  new Uint8Array(createHash('sha256').update(bytes).digest()).buffer

let fixed: number[] = []
let clock: MemoryClock
let store: MemoryIdempotencyObjects
let deferred: Promise<unknown>[]
let tokens: number

beforeEach(() => {
  fixed = []
  deferred = []
  tokens = 0
  clock = new MemoryClock(1_000_000)
  store = new MemoryIdempotencyObjects(clock)
  vi.stubGlobal('IdentityTransformStream', TransformStream)
  vi.stubGlobal('FixedLengthStream', Fixed)
  // Node's own answers from another thread, which this clock does not wait for.
  const digest = async (_: string, bytes: ArrayBuffer) => hashOf(new Uint8Array(bytes))
  vi.stubGlobal('crypto', { subtle: { digest }, DigestStream })
})
afterEach(() => vi.unstubAllGlobals())

function bind(options: Omit<IdempotencyOptions, 'use'> = {}): Wrap {
  const context = makeBindContext({ name: 'once' })
  const policy = definition.bind({ use: 'idempotency', ...options }, context)
  if (policy.kind !== 'wrap') throw new TypeError('not a wrap')
  return policy
}

interface Asking {
  readonly key?: string | null
  readonly method?: string
  readonly url?: string
  readonly body?: Outgoing['body'] | string
  readonly headers?: Readonly<Record<string, string>>
}

/** A POST of a payment with the key "a", unless it says otherwise. */
function asking({ key = '"a"', body = 'pay 5', ...parts }: Asking = {}): Exchange {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body).buffer : body
  const made = makeExchange({
    method: 'POST',
    url: 'https://api.example.com/payments',
    ...parts,
    headers: { ...(key === null ? {} : { 'idempotency-key': key }), ...parts.headers },
    body: bytes,
  })
  const ports: Ports = {
    ...made.ports,
    clock,
    timers: clock,
    idempotency: store,
    randomness: { hex: () => `token-${tokens++}`, fraction: () => 0.5 },
    defer: (work) => void deferred.push(work),
  }
  return { ...made, ports }
}

let runs: number
beforeEach(() => {
  runs = 0
})
const paid: Next = () => {
  runs += 1
  return Response.json(
    { run: runs },
    { status: 201, headers: { location: `/payments/${runs}`, 'content-length': '9' } },
  )
}

/** With its length, as services answer that know it. */
function sized(text: string, status = 200): Response {
  return new Response(text, { status, headers: { 'content-length': String(text.length) } })
}

function statusOf(answer: Answer): unknown {
  return answer instanceof Response ? answer.status : answer.code
}
const around = (policy: Wrap, exchange: Exchange, next: Next = paid) =>
  clock.until(Promise.resolve(policy.around(exchange, next)))

test('a second request has the answer of the first, and says so', async () => {
  const policy = bind()
  const first = (await around(policy, asking())) as Response
  expect(first.headers.get('idempotency-replayed')).toBeNull()
  expect(await first.json()).toEqual({ run: 1 })
  const exchange = asking()
  const second = (await around(policy, exchange)) as Response
  expect([second.status, second.headers.get('location')]).toEqual([201, '/payments/1'])
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(await second.json()).toEqual({ run: 1 })
  expect(runs).toBe(1)
  expect(exchange.event.policies.once).toBe('replayed')
})

test('a request that comes meanwhile is told to come back', async () => {
  const policy = bind()
  let answer = (_: Response) => {}
  const first = policy.around(asking(), () => new Promise((resolve) => (answer = resolve)))
  await clock.advance(0)
  const exchange = asking()
  const second = (await around(policy, exchange)) as Refusal
  expect(second).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS', headers: { 'Retry-After': '1' } })
  expect(exchange.event.policies.once).toBe('refused:in-progress')
  answer(sized('done'))
  await clock.until(Promise.resolve(first))
})

test.each<[string, Asking]>([
  ['body', { body: 'pay 6' }],
  ['query', { url: 'https://api.example.com/payments?x=1' }],
  ['path', { url: 'https://api.example.com/refunds' }],
  ['method', { method: 'PATCH' }],
  ['empty body', { body: null }],
])('another %s under the same key is refused', async (_, other) => {
  const policy = bind()
  await around(policy, asking())
  expect(await around(policy, asking(other))).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  expect(runs).toBe(1)
})

test('a request without a key runs each time', async () => {
  const policy = bind()
  await around(policy, asking({ key: null }))
  await around(policy, asking({ key: null }))
  expect([runs, store.places.length]).toEqual([2, 0])
})

test('a key that is required is asked for', async () => {
  const policy = bind({ required: true })
  expect(await around(policy, asking({ key: null }))).toMatchObject({
    code: 'IDEMPOTENCY_KEY_MISSING',
  })
  expect(runs).toBe(0)
})

test('a key that cannot be read is refused', async () => {
  expect(await around(bind(), asking({ key: '"a", "b"' }))).toMatchObject({
    code: 'IDEMPOTENCY_KEY_INVALID',
  })
})

test('other methods pass, with or without a key', async () => {
  const policy = bind({ required: true })
  await around(policy, asking({ method: 'GET' }))
  await around(policy, asking({ method: 'DELETE', key: null }))
  expect([runs, store.places.length]).toEqual([2, 0])
})

test('the table names field and methods', async () => {
  const policy = bind({ header: 'X-Once', methods: ['DELETE'] })
  const request = { method: 'DELETE', key: null, headers: { 'x-once': 'a' } }
  await around(policy, asking(request))
  await around(policy, asking(request))
  expect(runs).toBe(1)
})

test('a request with a key may be repeated by the call pipeline, and no other', async () => {
  const seen: boolean[] = []
  const note: Next = ({ isRepeatSafe }) => {
    seen.push(isRepeatSafe)
    return new Response(null, { status: 204 })
  }
  await around(bind(), asking(), note)
  await around(bind(), asking({ key: null }), note)
  store.trouble = 'fault'
  await around(bind({ onStoreFault: 'allow' }), asking(), note)
  expect(seen).toEqual([true, false, false])
})

test.each([
  ['a 503', () => new Response(null, { status: 503 })],
  ['a 429', () => new Response(null, { status: 429 })],
  ['a breaker that is open', () => refuse('BREAKER_OPEN', { unsent: true })],
  ['time that ran out', () => refuse('UPSTREAM_TIMEOUT', { failure: 'timeout' })],
])('%s frees the key', async (_, failing) => {
  const policy = bind()
  await around(policy, asking(), failing)
  expect(statusOf(await around(policy, asking()))).toBe(201)
})

test('where doubt is kept, a request that may have arrived is not sent again', async () => {
  const policy = bind({ onUnknown: 'keep' })
  const failing = () => refuse('UPSTREAM_TIMEOUT', { failure: 'timeout' })
  expect(statusOf(await around(policy, asking(), failing))).toBe('UPSTREAM_TIMEOUT')
  expect(statusOf(await around(policy, asking()))).toBe('IDEMPOTENCY_OUTCOME_UNKNOWN')
  expect(runs).toBe(0)
})

test('an error of the service is an outcome, and is given again', async () => {
  const policy = bind()
  await around(policy, asking(), () => sized('broken', 500))
  expect(statusOf(await around(policy, asking()))).toBe(500)
})

test('a bug frees the key, and stays a bug', async () => {
  const policy = bind()
  const failing = () => Promise.reject(new TypeError('a bug'))
  await expect(around(policy, asking(), failing)).rejects.toThrow('a bug')
  expect(statusOf(await around(policy, asking()))).toBe(201)
})

test('an answer that is too large passes, and is not given again', async () => {
  const policy = bind({ maxBodyBytes: 3 })
  const first = (await around(policy, asking())) as Response
  expect(await first.json()).toEqual({ run: 1 })
  expect(await around(policy, asking())).toMatchObject({
    code: 'IDEMPOTENCY_ANSWER_NOT_KEPT',
    members: { answerStatus: 201 },
  })
})

test('an answer of unknown length passes as it comes, and its end waits for the store', async () => {
  const policy = bind()
  const encoder = new TextEncoder()
  const chunks = ['one ', 'two']
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk === undefined) controller.close()
      else controller.enqueue(encoder.encode(chunk))
    },
  })
  const first = (await around(policy, asking(), () => new Response(body))) as Response
  expect(store.ended).toEqual([])
  expect(await clock.until(first.text())).toBe('one two')
  expect(store.ended).toHaveLength(1)
  const second = (await around(policy, asking())) as Response
  expect(await second.text()).toBe('one two')
  expect(runs).toBe(0)
})

test('an answer of unknown length that turns out too large passes whole, and is not kept', async () => {
  const policy = bind({ maxBodyBytes: 5 })
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of ['one ', 'two ', 'three'])
        controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })
  const first = (await around(policy, asking(), () => new Response(body))) as Response
  expect(await clock.until(first.text())).toBe('one two three')
  expect(statusOf(await around(policy, asking()))).toBe('IDEMPOTENCY_ANSWER_NOT_KEPT')
})

test('an answer that breaks off frees the key', async () => {
  const policy = bind()
  const broken = () =>
    new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('lost')) }))
  const first = (await around(policy, asking(), broken)) as Response
  await expect(first.text()).rejects.toThrow()
  await clock.advance(0)
  expect(statusOf(await around(policy, asking()))).toBe(201)
})

test('an answer of known length that breaks off is a problem, and frees the key', async () => {
  const policy = bind()
  const broken = () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.error(new Error('lost')) }),
      {
        headers: { 'content-length': '5' },
      },
    )
  expect(statusOf(await around(policy, asking(), broken))).toBe('UPSTREAM_UNREACHABLE')
  expect(statusOf(await around(policy, asking()))).toBe(201)
})

test('a client that leaves in the middle of an answer finds it whole when it comes back', async () => {
  const policy = bind()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await clock.after(100).done
      controller.enqueue(new TextEncoder().encode('x'))
      sent += 1
      if (sent === 5) controller.close()
    },
  })
  let sent = 0
  const first = (await around(policy, asking(), () => new Response(body))) as Response
  await first.body?.cancel()
  await clock.advance(1_000)
  const second = (await around(policy, asking())) as Response
  expect(await second.text()).toBe('xxxxx')
})

test('the work goes on when the client leaves: it is deferred before the answer', async () => {
  const policy = bind()
  const first = policy.around(asking(), () => clock.after(5_000).done.then(() => sized('late')))
  expect(deferred).toHaveLength(1)
  await clock.advance(5_000)
  await Promise.all([first, ...deferred])
  const second = (await around(policy, asking())) as Response
  expect(await second.text()).toBe('late')
})

const streamOf = (text: string) => new Response(text).body
const long = { 'content-length': '70000' }

/** Reads what goes on, as a service does. */
const reading: Next = async ({ outgoing }) => {
  runs += 1
  const { body } = outgoing
  received = body instanceof ReadableStream ? await new Response(body).text() : '-'
  return new Response('ok', { headers: { 'content-length': '2' } })
}
let received = ''

test('a long body streams on with its length, and is compared by its hash afterwards', async () => {
  const policy = bind()
  const text = 'x'.repeat(70_000)
  await around(policy, asking({ body: streamOf(text), headers: long }), reading)
  expect([received, fixed]).toEqual([text, [70_000]])
  expect(store.ended[0]?.body).toBe(createHash('sha256').update(text).digest('hex'))
  const same = await around(policy, asking({ body: streamOf(text), headers: long }), reading)
  expect(statusOf(same)).toBe(200)
  const other = asking({ body: streamOf('y'.repeat(70_000)), headers: long })
  expect(statusOf(await around(policy, other, reading))).toBe('IDEMPOTENCY_KEY_REUSED')
  expect(runs).toBe(1)
})

test('a body of unknown length is the same request as one whose length is known', async () => {
  const policy = bind()
  await around(policy, asking({ body: streamOf('pay 5') }), reading)
  expect(received).toBe('pay 5')
  expect(statusOf(await around(policy, asking({ body: 'pay 5' })))).toBe(200)
  expect(runs).toBe(1)
})

test('a short body is bytes when it goes on, so that it can be sent again', async () => {
  const exchange = asking({ body: streamOf('pay 5'), headers: { 'content-length': '5' } })
  await around(bind(), exchange)
  expect(exchange.outgoing.body).toBeInstanceOf(ArrayBuffer)
})

test('a body that breaks off while it is compared is refused', async () => {
  const policy = bind()
  await around(policy, asking({ body: 'pay 5' }))
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('lost')) })
  expect(statusOf(await around(policy, asking({ body })))).toBe('BODY_INVALID')
})

test('a service that answers before it read the body is taken by its word', async () => {
  const policy = bind()
  const early: Next = () => new Response(null, { status: 403 })
  const stuck = new ReadableStream({ pull: () => new Promise(() => {}) })
  expect(statusOf(await around(policy, asking({ body: stuck }), early))).toBe(403)
  expect(store.ended[0]?.body).toBeNull()
  expect(statusOf(await around(policy, asking({ body: 'other' })))).toBe(403)
})

test.each<['fault' | 'silent']>([['fault'], ['silent']])(
  'a store that is %s: nothing is sent, or all of it where the table says so',
  async (trouble) => {
    store.trouble = trouble
    expect(await around(bind(), asking())).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      headers: { 'Retry-After': '1' },
    })
    expect(runs).toBe(0)
    const exchange = asking()
    expect(statusOf(await around(bind({ onStoreFault: 'allow' }), exchange))).toBe(201)
    expect(exchange.event.policies.once).toBe('passed:store-unavailable')
  },
)

test('an object that is full is a refusal, and no fault', async () => {
  store.trouble = 'full'
  expect(await around(bind({ onStoreFault: 'allow' }), asking())).toMatchObject({
    code: 'IDEMPOTENCY_KEYS_EXCEEDED',
    headers: { 'Retry-After': '1' },
  })
})

test('a store that is slow to answer holds no key for a request that was refused', async () => {
  const policy = bind({ storeTimeoutMs: 100 })
  const slow = asking()
  const begin = store.begin.bind(store)
  vi.spyOn(store, 'begin').mockImplementationOnce(async (place, message) => {
    const reply = await begin(place, message)
    await clock.after(200).done
    return reply
  })
  expect(statusOf(await around(policy, slow))).toBe('STORE_UNAVAILABLE')
  await clock.advance(200)
  expect(statusOf(await around(policy, asking()))).toBe(201)
})

test('an answer that cannot be stored goes to the client, and the event says so', async () => {
  const policy = bind({ storeTimeoutMs: 100 })
  const exchange = asking()
  const failing: Next = () => {
    store.trouble = 'fault'
    return new Response('done', { headers: { 'content-length': '4' } })
  }
  const first = (await around(policy, exchange, failing)) as Response
  expect(await first.text()).toBe('done')
  expect(exchange.event.policies.once).toBe('passed:not-stored')
})

test('a request that runs for minutes keeps its key', async () => {
  const policy = bind()
  const slow: Next = () => clock.after(120_000).done.then(() => sized('late'))
  const first = policy.around(asking(), slow)
  await clock.advance(100_000)
  expect(statusOf(await around(policy, asking()))).toBe('IDEMPOTENCY_IN_PROGRESS')
  await clock.advance(30_000)
  expect(statusOf(await first)).toBe(200)
  const { renewed } = store
  await clock.advance(60_000)
  expect(store.renewed).toBe(renewed)
})

test('the key of an isolate that died is free after half a minute', async () => {
  const policy = bind()
  const place = store.places
  void policy.around(asking(), () => new Promise(() => {}))
  await clock.advance(0)
  expect(place).toHaveLength(1)
  // Its timers die with it.
  vi.spyOn(store, 'renew').mockImplementation(() => new Promise(() => {}))
  await clock.advance(29_000)
  expect(statusOf(await around(policy, asking()))).toBe('IDEMPOTENCY_IN_PROGRESS')
  await clock.advance(1_000)
  expect(statusOf(await around(policy, asking()))).toBe(201)
})

test('a restart of the object changes nothing', async () => {
  const policy = bind()
  await around(policy, asking())
  store.restart()
  expect(statusOf(await around(policy, asking()))).toBe(201)
  expect(runs).toBe(1)
})

test('an answer is forgotten after its lifetime', async () => {
  const policy = bind({ ttlSeconds: 10 })
  await around(policy, asking())
  await clock.advance(10_000)
  expect(store.sweep()).toBe(0)
  await around(policy, asking())
  expect(runs).toBe(2)
})

test('fields that a policy further out adds are not kept', async () => {
  const policy = bind()
  const exchange = asking()
  exchange.answer.push({ kind: 'set', name: 'x-request-id', value: '1' })
  await around(policy, exchange)
  const second = (await around(policy, asking())) as Response
  expect(second.headers.get('x-request-id')).toBeNull()
})

test('in shadow mode every request runs, and the event says what would have been', async () => {
  const policy = bind({ required: true })
  const shadow = async (parts: Asking) => {
    const exchange = asking(parts)
    const answer = await clock.until(Promise.resolve(policy.shadow(exchange, paid)))
    await Promise.all(deferred)
    return [statusOf(answer), exchange.event.policies.once, exchange.isRepeatSafe]
  }
  expect(await shadow({})).toEqual([201, 'would-pass', false])
  expect(await shadow({})).toEqual([201, 'would-replay', false])
  expect(await shadow({ body: 'other' })).toEqual([201, 'would-refuse', false])
  expect(await shadow({ key: null })).toEqual([201, 'would-refuse', false])
  store.trouble = 'fault'
  expect(await shadow({})).toEqual([201, 'failed', false])
})

test('what shadow mode saw is no answer for a policy that is enforced', async () => {
  const policy = bind()
  await clock.until(Promise.resolve(policy.shadow(asking(), paid)))
  await Promise.all(deferred)
  await around(policy, asking())
  expect(runs).toBe(2)
})

test.each([
  [{ ttlSeconds: 0 }],
  [{ maxBodyBytes: 2_000_000 }],
  [{ methods: [] }],
  [{ header: 'a b' }],
  [{ onStoreFault: 'local' }],
  [{ onUnknown: 'ask' }],
])('%j is refused by the schema', (options) => {
  expect(idempotencySchema.safeParse({ use: 'idempotency', ...options }).success).toBe(false)
})
