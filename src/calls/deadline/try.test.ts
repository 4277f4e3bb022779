import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  bindCalls,
  type CallOptions,
  makeTimedCall,
  type Script,
  scripted,
  type TimedCallParts,
} from '../../../test/calls.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const ok = new Response('ok')
const after = (afterMs: number): Script => ({ afterMs, answer: new Response('ok') })

async function call(scripts: readonly Script[], options: CallOptions, parts: TimedCallParts = {}) {
  const { send, sent } = scripted(...scripts)
  const made = makeTimedCall(parts)
  const answer = bindCalls(options, send)(made)
  await vi.advanceTimersByTimeAsync(10_000)
  const given = await answer
  return { result: given instanceof Response ? given.status : given.code, sent, made }
}

test('a try that takes too long is called off and counts as a timeout', async () => {
  const { result, sent, made } = await call(['hangs'], { perTryTimeoutMs: 100 })
  expect(result).toBe('UPSTREAM_TIMEOUT')
  expect(sent[0]?.signal?.aborted).toBe(true)
  expect(made.exchange.event.upstreamMs).toBe(100)
})

test('a try that answers in time is not called off afterwards', async () => {
  const { result, sent } = await call([after(99)], { perTryTimeoutMs: 100 })
  expect(result).toBe(200)
  expect(sent[0]?.signal?.aborted).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('after a try that hangs another target is tried', async () => {
  const { result, sent } = await call(['hangs', ok], { perTryTimeoutMs: 100, retry: {} })
  expect(result).toBe(200)
  expect(sent.map(({ target }) => target)).toEqual([
    'https://a.example.com',
    'https://b.example.com',
  ])
})

test('the deadline of the whole call holds over all tries', async () => {
  const options = { perTryTimeoutMs: 100, retry: { attempts: 10, budgetPercent: 100 } }
  const { result, sent } = await call(['hangs'], options, { timeoutMs: 250 })
  expect(result).toBe('UPSTREAM_TIMEOUT')
  expect(sent).toHaveLength(3)
  expect(sent[2]?.signal).toBeNull()
})

const deadline = { header: 'Request-Timeout-Ms' }
const field = 'request-timeout-ms'

test('the service is told how much time there is, try for try', async () => {
  const options = { perTryTimeoutMs: 100, retry: {}, deadline }
  const { sent } = await call(['hangs', after(10)], options, { timeoutMs: 150 })
  expect(sent.map(({ headers }) => headers[field])).toEqual(['100', '50'])
})

test('what a client waits is passed on, less what is over', async () => {
  const parts = { headers: { [field]: '500' }, now: Date.now() - 20 }
  const { sent } = await call([ok], { deadline }, parts)
  expect(sent[0]?.headers[field]).toBe('480')
})

test('what a client wrote that is no time does not go on', async () => {
  const { result, sent } = await call([ok], { deadline }, { headers: { [field]: 'soon' } })
  expect(result).toBe(200)
  expect(sent[0]?.headers[field]).toBeUndefined()
})

test('a client that waits too shortly is told so', async () => {
  const { result, sent } = await call(['hangs'], { deadline }, { headers: { [field]: '50' } })
  expect(result).toBe('DEADLINE_TOO_SHORT')
  expect(sent).toHaveLength(1)
})

test('nothing is sent for a client whose time is over', async () => {
  const parts = { headers: { [field]: '50' }, now: Date.now() - 50 }
  const { result, sent } = await call([ok], { deadline }, parts)
  expect(result).toBe('DEADLINE_TOO_SHORT')
  expect(sent).toEqual([])
})

test('without `deadline` in the table the field is one like any other', async () => {
  const { result, sent } = await call([after(100)], {}, { headers: { [field]: '50' } })
  expect(result).toBe(200)
  expect(sent[0]?.headers[field]).toBe('50')
})
