import { expect, test } from 'vitest'
import { MemoryClock } from '../../../platform/memory/clock.ts'
import { LineQueue } from './line-queue.ts'

test('what is there is taken at once and together', async () => {
  const queue = new LineQueue(new MemoryClock(), null)
  queue.push('a', 'b')
  queue.push('c')
  expect(await queue.take()).toBe('abc')
})

test('who takes waits for a line', async () => {
  const queue = new LineQueue(new MemoryClock(), null)
  const taken = queue.take()
  queue.push('a')
  expect(await taken).toBe('a')
})

test('it is over when all was taken and nothing comes', async () => {
  const queue = new LineQueue(new MemoryClock(), null)
  queue.push('a')
  queue.close()
  expect(queue.isOver).toBe(false)
  expect(await queue.take()).toBe('a')
  expect(queue.isOver).toBe(true)
  expect(await queue.take()).toBe('')
})

test('who waits when it is closed waits no longer', async () => {
  const queue = new LineQueue(new MemoryClock(), null)
  const taken = queue.take()
  queue.close()
  expect(await taken).toBe('')
})

test('what nobody took can be dropped', async () => {
  const queue = new LineQueue(new MemoryClock(), null)
  queue.push('a')
  queue.clear()
  queue.close()
  expect(await queue.take()).toBe('')
})

test('who waits for long hears a heartbeat, and none beside a line', async () => {
  const clock = new MemoryClock()
  const queue = new LineQueue(clock, { line: ':', everyMs: 100 })
  const first = queue.take()
  await clock.advance(100)
  expect(await first).toBe(':')
  const second = queue.take()
  queue.push('a')
  await clock.advance(100)
  expect(await second).toBe('a')
})
