import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  bindCalls,
  type CallOptions,
  makeTimedCall,
  type Script,
  scripted,
  type TimedCallParts,
} from '../../../test/calls.ts'
import { refuse } from '../../errors/refusal.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const A = 'https://a.example.com'
const B = 'https://b.example.com'
const after = (afterMs: number, text: string, status = 200): Script => ({
  afterMs,
  answer: new Response(text, { status }),
})

async function call(
  scripts: readonly Script[],
  options: CallOptions = {},
  parts: TimedCallParts = {},
  room: { readonly isFull?: boolean } = {},
) {
  const { send, sent } = scripted(...scripts)
  const timed = makeTimedCall(parts)
  const { exchange } = timed
  const network = { ...exchange.ports.network, ...room }
  const made = { ...timed, exchange: { ...exchange, ports: { ...exchange.ports, network } } }
  const startedAt = Date.now()
  const answer = bindCalls({ hedge: { afterMs: 100 }, ...options }, send)(made)
  let tookMs = 0
  const done = answer.then((value) => {
    tookMs = Date.now() - startedAt
    return value instanceof Response ? value.text() : value.code
  })
  await vi.advanceTimersByTimeAsync(5_000)
  return { text: await done, sent, tookMs, event: made.exchange.event }
}

test('a call that answers in time is sent once', async () => {
  const { text, sent } = await call([after(99, 'first')])
  expect([text, sent.length]).toEqual(['first', 1])
})

test('a call that hangs is sent to another target, whose answer counts', async () => {
  const { text, sent, tookMs, event } = await call(['hangs', after(20, 'second')])
  expect(text).toBe('second')
  expect(sent.map(({ target }) => target)).toEqual([A, B])
  expect([tookMs, event.upstreamMs, event.target]).toEqual([120, 120, 1])
})

test('a call is not sent once more while other calls of the request have all connections', async () => {
  const { text, sent } = await call([after(150, 'first'), 'hangs'], {}, {}, { isFull: true })
  expect([text, sent.length]).toEqual(['first', 1])
})

test('the first answer wins, and the other call is aborted', async () => {
  const { text, sent } = await call([after(150, 'first'), after(500, 'second')])
  expect(text).toBe('first')
  expect(sent.map(({ signal }) => signal?.aborted)).toEqual([false, true])
})

test('a bad answer does not win while another may be good', async () => {
  const { text } = await call([after(110, 'bad', 500), after(200, 'good')])
  expect(text).toBe('good')
})

test('where all answers are bad the last of them goes out', async () => {
  const { text } = await call([after(110, 'bad', 500), after(200, 'worse', 503)])
  expect(text).toBe('worse')
})

test('an answer that fails before it is time is not hedged', async () => {
  const { text, sent } = await call([after(10, 'bad', 500)])
  expect([text, sent.length]).toEqual(['bad', 1])
})

test('`max` bounds how many are sent beside the first', async () => {
  const { sent } = await call(['hangs'], { hedge: { afterMs: 100, max: 3 } }, { timeoutMs: 1_000 })
  const [first = 0] = sent.map(({ at }) => at)
  expect(sent.map(({ at }) => at - first)).toEqual([0, 100, 200, 300])
})

test.each([
  ['a POST', { method: 'POST' }, 1],
  ['a PUT without a body', { method: 'PUT' }, 2],
  ['a PUT whose body is a stream', { method: 'PUT', body: new Response('x').body }, 1],
])('%s is sent so often', async (_, parts, count) => {
  const { sent } = await call([after(300, 'late')], {}, parts)
  expect(sent).toHaveLength(count)
})

test('when the deadline passes all are aborted', async () => {
  const { text, sent } = await call(['hangs'], {}, { timeoutMs: 250 })
  expect(text).toBe('UPSTREAM_TIMEOUT')
  expect(sent.map(({ signal }) => signal?.aborted)).toEqual([true, true])
})

test('hedges count against the budget of retries', async () => {
  const { send, sent } = scripted(after(300, 'late'))
  const hedged = bindCalls({ hedge: { afterMs: 100 } }, send)
  const first = makeTimedCall()
  for (let request = 0; request < 20; request += 1) {
    const answer = hedged({ ...first, tried: null })
    await vi.advanceTimersByTimeAsync(400)
    await answer
  }
  // The advance of the isolate, and then one in five requests.
  expect(sent).toHaveLength(20 + 4)
})

test('a race within retry: each runner tries again by itself', async () => {
  const lost = refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })
  const { text, sent } = await call(['hangs', lost, after(10, 'third')], { retry: {} })
  expect([text, sent.length]).toEqual(['third', 3])
})

test('a call that throws is not hidden', async () => {
  const bug = bindCalls({ hedge: { afterMs: 100 } }, () => Promise.reject(new Error('a bug')))
  await expect(bug(makeTimedCall())).rejects.toThrow('a bug')
})

test('who calls the whole call off ends each of its runners', async () => {
  const { send, sent } = scripted('hangs')
  const outer = new AbortController()
  const made = { ...makeTimedCall(), signal: outer.signal }
  void bindCalls({ hedge: { afterMs: 100 } }, send)(made)
  await vi.advanceTimersByTimeAsync(150)
  outer.abort()
  expect(sent.map(({ signal }) => signal?.aborted)).toEqual([true, true])
})
