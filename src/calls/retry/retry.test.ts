import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  bindCalls,
  makeTimedCall,
  type Script,
  scripted,
  type TimedCallParts,
} from '../../../test/calls.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Call } from '../call.ts'
import type { RetryOptions } from './schema.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const A = 'https://a.example.com'
const B = 'https://b.example.com'
const ok = new Response('ok')
const unavailable = new Response(null, { status: 503 })
const lost = refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })
const refused = refuse('UPSTREAM_UNREACHABLE', { failure: 'connect-failure', unsent: true })

/** Sends one call through the steps that `retry` asks for, and lets its waits pass. */
async function call(
  scripts: readonly Script[],
  retry: RetryOptions = {},
  parts: TimedCallParts = {},
) {
  const { send, sent } = scripted(...scripts)
  const made = makeTimedCall(parts)
  const answer = bindCalls({ retry }, send)(made)
  await vi.runAllTimersAsync()
  return { answer: await answer, sent, call: made }
}

function statusOf(answer: unknown): unknown {
  return answer instanceof Response ? answer.status : answer
}

test('a failed try is followed by another, on another target', async () => {
  const { answer, sent } = await call([unavailable, ok])
  expect(statusOf(answer)).toBe(200)
  expect(sent.map(({ target }) => target)).toEqual([A, B])
})

test('after the last attempt the last answer goes out as it is', async () => {
  const { answer, sent } = await call([unavailable], { attempts: 3 })
  expect(statusOf(answer)).toBe(503)
  expect(sent).toHaveLength(3)
})

test.each([
  [500, 1],
  [502, 3],
  [503, 3],
  [504, 3],
  [404, 1],
  [200, 1],
])('unless the table says more a %d has %d tries', async (status, tries) => {
  const { sent } = await call([new Response(null, { status })])
  expect(sent).toHaveLength(tries)
})

test('only what `on` names is tried again', async () => {
  expect((await call([lost], { on: [503] })).sent).toHaveLength(1)
  expect((await call([new Response(null, { status: 500 })], { on: ['5xx'] })).sent).toHaveLength(3)
})

test('a POST that may have arrived is not sent twice', async () => {
  const { answer, sent } = await call([lost, ok], {}, { method: 'POST' })
  expect(answer).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
  expect(sent).toHaveLength(1)
})

test('a POST that certainly did not leave is sent to another target', async () => {
  const { answer, sent } = await call([refused, ok], {}, { method: 'POST' })
  expect(statusOf(answer)).toBe(200)
  expect(sent.map(({ target }) => target)).toEqual([A, B])
})

test('with `nonIdempotent` a POST is treated as any other', async () => {
  const { sent } = await call([lost, ok], { nonIdempotent: true }, { method: 'POST' })
  expect(sent).toHaveLength(2)
})

test('what the gateway itself refused is not tried again', async () => {
  const { answer, sent } = await call([refuse('UPSTREAM_AUTH_FAILED')])
  expect(answer).toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  expect(sent).toHaveLength(1)
})

function streamOf(text: string): ReadableStream {
  return new Response(text).body as ReadableStream
}

test('a body of a known length is sent again, byte for byte', async () => {
  const headers = { 'content-length': '5' }
  const { sent } = await call([lost, ok], {}, { method: 'PUT', body: streamOf('hello'), headers })
  const texts = await Promise.all(sent.map(({ body }) => new Response(body).text()))
  expect(texts).toEqual(['hello', 'hello'])
})

test.each<[string, Record<string, string>]>([
  ['longer than the limit', { 'content-length': '6' }],
  ['of unknown length', {}],
])('a body %s is sent once, as a stream', async (_, headers) => {
  const body = streamOf('hello!')
  const parts = { method: 'PUT', body, headers }
  const { sent } = await call([lost, ok], { bodyLimitBytes: 5 }, parts)
  expect(sent.map((one) => one.body)).toEqual([body])
})

test('waits grow, and are cut by chance', async () => {
  const backoff = { kind: 'exponential', baseMs: 100, maxMs: 1_000 } as const
  const { sent } = await call([lost], { attempts: 4, backoff }, { fraction: 0.5 })
  const [first = 0] = sent.map(({ at }) => at)
  expect(sent.map(({ at }) => at - first)).toEqual([0, 50, 150, 350])
})

test('a service that asks for a rest gets it', async () => {
  const busy = new Response(null, { status: 503, headers: { 'retry-after': '1' } })
  const { sent } = await call([busy, ok])
  expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBe(1_000)
})

test('a service that asks for a long rest is not tried again, and the client is told', async () => {
  const busy = new Response(null, { status: 503, headers: { 'retry-after': '60' } })
  const { answer, sent } = await call([busy, ok])
  expect((answer as Response).headers.get('retry-after')).toBe('60')
  expect(sent).toHaveLength(1)
})

test('no wait is begun that the deadline would not outlast', async () => {
  const backoff = { baseMs: 1_000, maxMs: 1_000 }
  const parts = { timeoutMs: 400, fraction: 0.5 }
  const { answer, sent } = await call([unavailable, ok], { backoff }, parts)
  expect(statusOf(answer)).toBe(503)
  expect(sent).toHaveLength(1)
})

test('a client that left meanwhile starts no further try', async () => {
  const { send, sent } = scripted(lost, ok)
  const made = makeTimedCall({ fraction: 0.5 })
  const controller = new AbortController()
  const request = new Request('https://api.example.com', { signal: controller.signal })
  const left = { ...made, exchange: { ...made.exchange, request } } as Call
  const answer = bindCalls({ retry: { backoff: { baseMs: 100 } } }, send)(left)
  await vi.advanceTimersByTimeAsync(10)
  controller.abort()
  await vi.advanceTimersByTimeAsync(1_000)
  await answer
  expect(sent).toHaveLength(1)
})

test('the body of an answer that is not used is called off', async () => {
  const cancelled: unknown[] = []
  const body = new ReadableStream({ cancel: () => void cancelled.push('body') })
  const failed = { afterMs: 0, answer: new Response(body, { status: 503 }) }
  await call([failed, ok])
  expect(cancelled).toEqual(['body'])
})

test('each try has header fields of its own', async () => {
  const { send, sent } = scripted(lost, ok)
  const made = makeTimedCall({ headers: { 'x-a': '1' } })
  const answer = bindCalls({ retry: {} }, (one) => {
    one.headers['x-signed'] = `${sent.length}`
    return send(one)
  })(made)
  await vi.runAllTimersAsync()
  await answer
  expect(sent.map(({ headers }) => headers)).toEqual([
    { 'x-a': '1', 'x-signed': '0' },
    { 'x-a': '1', 'x-signed': '1' },
  ])
  expect(made.headers['x-signed']).toBeUndefined()
})

test('edits that an unused answer asked for are forgotten', async () => {
  const made = makeTimedCall()
  let tries = 0
  const answer = bindCalls({ retry: {} }, async (one) => {
    tries += 1
    one.edits.unshift({ kind: 'remove', name: `x-${tries}` })
    return tries === 1 ? lost : ok.clone()
  })(made)
  await vi.runAllTimersAsync()
  await answer
  expect(made.exchange.answer).toEqual([{ kind: 'remove', name: 'x-2' }])
})

test('nothing was sent only where that holds for every try', async () => {
  const both = await call([refused, refused], { attempts: 2 })
  expect(both.answer).toMatchObject({ unsent: true })
  const one = await call([lost, refused], { attempts: 2 })
  expect(one.answer).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' })
  expect(one.answer).not.toHaveProperty('unsent')
})

test('once the budget is spent the first failure goes out', async () => {
  const { send, sent } = scripted(unavailable)
  const first = makeTimedCall()
  const retried = bindCalls({ retry: { attempts: 2 } }, send)
  // The isolate's advance, and then one retry in five requests.
  for (let request = 0; request < 20; request += 1) {
    const answer = retried({ ...first, tried: null })
    await vi.runAllTimersAsync()
    await answer
  }
  expect(sent).toHaveLength(20 + 4)
})

test('one attempt is no retry: the call goes on as it came', async () => {
  const { call: made, sent } = await call([lost], { attempts: 1 })
  expect(sent).toHaveLength(1)
  expect(made.tried).toBeNull()
})
