import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bindCalls, makeTimedCall } from '../../../test/calls.ts'
import { breakWhenIdle } from './idle-body.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A body that gives a byte at each of these times, and ends or hangs after the last. */
function drip(times: readonly number[], end: 'ends' | 'hangs', cancelled: string[] = []) {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const ms of times) setTimeout(() => controller.enqueue(new Uint8Array([120])), ms)
      if (end === 'ends') setTimeout(() => controller.close(), (times.at(-1) ?? 0) + 10)
    },
    cancel: () => void cancelled.push('body'),
  })
}

test('a body whose silences are short enough comes through whole', async () => {
  const text = new Response(breakWhenIdle(drip([90, 180, 270], 'ends'), 100)).text()
  await vi.advanceTimersByTimeAsync(500)
  expect(await text).toBe('xxx')
  expect(vi.getTimerCount()).toBe(0)
})

test('a body that falls silent is broken off, and the service is told', async () => {
  const cancelled: string[] = []
  const text = new Response(breakWhenIdle(drip([50], 'hangs', cancelled), 100)).text()
  const failed = expect(text).rejects.toThrow('silent')
  await vi.advanceTimersByTimeAsync(200)
  await failed
  expect(cancelled).toEqual(['body'])
})

test('a client that reads slowly is not the silence of the service', async () => {
  const body = breakWhenIdle(drip([10, 20], 'ends'), 100)
  const reader = body.getReader()
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await reader.read()).done).toBe(false)
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await reader.read()).done).toBe(false)
  expect((await reader.read()).done).toBe(true)
})

test('a client that leaves ends the body of the service', async () => {
  const cancelled: string[] = []
  await breakWhenIdle(drip([10], 'hangs', cancelled), 100).cancel()
  expect(cancelled).toEqual(['body'])
})

test('status and header fields stay, and an answer without body is left alone', async () => {
  const headers = { 'x-a': '1' }
  const bind = (answer: Response) => bindCalls({ idleBodyMs: 100 }, async () => answer)
  const full = (await bind(new Response('x', { status: 201, headers }))(
    makeTimedCall(),
  )) as Response
  expect([full.status, full.headers.get('x-a'), await full.text()]).toEqual([201, '1', 'x'])
  const empty = new Response(null, { status: 204 })
  expect(await bind(empty)(makeTimedCall())).toBe(empty)
})
