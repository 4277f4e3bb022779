/** How a body of a service is read, within bounds. */
import { expect, test } from 'vitest'
import { MemoryClock, settled } from '../../platform/memory/clock.ts'
import { readBody } from './read-body.ts'

const { signal } = new AbortController()
const bounds = { maxBytes: 200_000, ms: 100, timers: new MemoryClock(), signal }

const sized = (text: string, length = text.length) =>
  new Response(text, { headers: { 'content-length': String(length) } })

test.each([1, 65_536, 65_537, 200_000])('a body of %d bytes is read whole', async (size) => {
  const read = await readBody(sized('x'.repeat(size)), bounds)
  expect(read.kind === 'read' && read.bytes.byteLength).toBe(size)
})

test('a body of unknown length is read up to the bound, and called off beyond it', async () => {
  const read = await readBody(new Response('x'.repeat(200_000)), bounds)
  expect(read.kind).toBe('read')
  expect(await readBody(new Response('x'.repeat(200_001)), bounds)).toEqual({ kind: 'too-large' })
})

test('what says that it is longer is not read at all', async () => {
  expect(await readBody(sized('x', 200_001), bounds)).toEqual({ kind: 'too-large' })
})

test('the length of an encoded body says nothing of what it is decoded to', async () => {
  const headers = { 'content-length': '300000', 'content-encoding': 'gzip' }
  expect((await readBody(new Response('x', { headers }), bounds)).kind).toBe('read')
})

/** A body that gives nothing, and whether it was called off. */
function makeSilent() {
  const silent = { isCanceled: false, response: new Response() }
  const body = new ReadableStream({
    cancel() {
      silent.isCanceled = true
    },
  })
  silent.response = new Response(body)
  return silent
}

test('a silent body is called off when its time is over', async () => {
  const timers = new MemoryClock()
  const silent = makeSilent()
  const reading = readBody(silent.response, { ...bounds, timers })
  await timers.advance(99)
  expect(silent.isCanceled).toBe(false)
  await timers.advance(1)
  expect(await reading).toEqual({ kind: 'late' })
  expect(silent.isCanceled).toBe(true)
})

test('a body is called off with its call', async () => {
  const controller = new AbortController()
  const silent = makeSilent()
  const reading = readBody(silent.response, { ...bounds, signal: controller.signal })
  await settled()
  controller.abort()
  expect(await reading).toEqual({ kind: 'broken' })
  expect(silent.isCanceled).toBe(true)
})

test('a body of a call that is off already is not waited for', async () => {
  const silent = makeSilent()
  const read = await readBody(silent.response, { ...bounds, signal: AbortSignal.abort() })
  expect([read.kind, silent.isCanceled]).toEqual(['broken', true])
})
