/** How a body of a service is read, within bounds. */
import { expect, test } from 'vitest'
import { MemoryClock, settled } from '../platform/memory/clock.ts'
import { type BodyBounds, type BodyRead, readBody } from './read-body.ts'
import { Waits } from './waits.ts'

function begin(more: Partial<BodyBounds> = {}) {
  const clock = new MemoryClock()
  const waits = new Waits(clock, clock)
  const bounds = { length: null, maxBytes: 200_000, endsAt: 100, waits, isUtf8: false, ...more }
  const read = (response: Response) => readBody(response, bounds, (body): BodyRead => body)
  return { clock, waits, read }
}

test.each([1, 65_536, 65_537, 200_000])('a body of %d bytes is read whole', async (length) => {
  const read = await begin({ length }).read(new Response('x'.repeat(length)))
  expect(read.kind === 'read' && read.bytes.byteLength).toBe(length)
})

test('a body of unknown length is read up to the bound, and called off beyond it', async () => {
  const { read } = begin()
  expect((await read(new Response('x'.repeat(200_000)))).kind).toBe('read')
  expect(await read(new Response('x'.repeat(200_001)))).toEqual({ kind: 'too-large' })
})

test('what says that it is longer is not read at all', async () => {
  const { read } = begin({ length: 200_001 })
  expect(await read(new Response('x'))).toEqual({ kind: 'too-large' })
})

const bytesOf = (text: string) => new TextEncoder().encode(text)

test.each([
  ['{"a":"é€😀"}', '{"a":"é€😀"}'],
  ['\uFEFF[1]', '[1]'],
  ['"\uFFFD"', '"\uFFFD"'],
  ['\uFEFF"\uFFFD"', '"\uFFFD"'],
])('UTF-8 is read as text, a mark left out: %j', async (sent, text) => {
  const bytes = bytesOf(sent)
  const { read } = begin({ length: bytes.byteLength, isUtf8: true })
  expect(await read(new Response(bytes))).toEqual({ kind: 'text', text })
})

test.each([
  [[0x22, 0xff, 0x22]],
  [[0x22, 0xc3, 0x22]],
  [[0x22, 0xe2, 0x82, 0x22]],
  [[0x22, 0xe4, 0x22, ...bytesOf('\uFFFD')]],
  [[0xff, 0xfe, 0x31, 0x00]],
])('what is to be UTF-8 and is not is told: %j', async (sent) => {
  const { read } = begin({ length: sent.length, isUtf8: true })
  expect(await read(new Response(new Uint8Array(sent)))).toEqual({ kind: 'garbled' })
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
  const { clock, read } = begin()
  const silent = makeSilent()
  const reading = read(silent.response)
  await clock.advance(99)
  expect(silent.isCanceled).toBe(false)
  await clock.advance(1)
  expect(await reading).toEqual({ kind: 'late' })
  expect(silent.isCanceled).toBe(true)
})

test('a body is called off with its call', async () => {
  const { waits, read } = begin()
  const silent = makeSilent()
  const reading = read(silent.response)
  await settled()
  waits.callOff()
  expect(await reading).toEqual({ kind: 'broken' })
  expect(silent.isCanceled).toBe(true)
})

test('a body of a call that is off already is not waited for', async () => {
  const { waits, read } = begin()
  waits.callOff()
  const silent = makeSilent()
  expect([(await read(silent.response)).kind, silent.isCanceled]).toEqual(['broken', true])
})

test('what is made of a body may fail: nobody waits for ever then', async () => {
  const clock = new MemoryClock()
  const bounds = { length: 1, maxBytes: 9, endsAt: 9, waits: new Waits(clock, clock), isUtf8: true }
  const failing = readBody(new Response('x'), bounds, () => {
    throw new TypeError('bug')
  })
  await expect(failing).rejects.toThrow('bug')
})
