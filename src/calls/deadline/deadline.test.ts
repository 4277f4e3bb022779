import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeExchange } from '../../../test/exchange.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import type { CallScope } from '../order.ts'
import { bindDeadlineStep } from './deadline.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const makeCall = () => ({ exchange: makeExchange(), timeoutMs: 100 }) as Call

function bindDeadline(next: Send): Send {
  return bindDeadlineStep({} as CallScope)?.(next) ?? next
}

test('an answer within the limit is the answer, and leaves no timer', async () => {
  const answer = new Response('ok')
  expect(await bindDeadline(async () => answer)(makeCall())).toBe(answer)
  expect(vi.getTimerCount()).toBe(0)
})

test('a call that takes longer is UPSTREAM_TIMEOUT, and what it answers later changes nothing', async () => {
  let late: (answer: Answer) => void = () => {}
  const slow = () =>
    new Promise<Answer>((resolve) => {
      late = resolve
    })
  const call = makeCall()
  const answer = bindDeadline(slow)(call)
  await vi.advanceTimersByTimeAsync(100)
  late(new Response('late'))
  expect(await answer).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(call.exchange.event.upstreamMs).toBe(100)
})

test('an answer that comes too late is called off, so that it holds no connection', async () => {
  const cancelled: unknown[] = []
  const body = new ReadableStream({ cancel: () => void cancelled.push('body') })
  const slow = () =>
    new Promise<Answer>((resolve) => setTimeout(() => resolve(new Response(body)), 200))
  const answer = bindDeadline(slow)(makeCall())
  await vi.advanceTimersByTimeAsync(200)
  expect(await answer).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  expect(cancelled).toEqual(['body'])
})

test('a call that throws is not hidden, and leaves no timer', async () => {
  const bug = () => Promise.reject(new Error('a bug'))
  await expect(bindDeadline(bug)(makeCall())).rejects.toThrow('a bug')
  expect(vi.getTimerCount()).toBe(0)
})
