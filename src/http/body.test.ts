import { expect, test } from 'vitest'
import { readChunks, readLength } from './body.ts'

test.each([
  ['0', 0],
  ['17', 17],
  [undefined, null],
  ['', null],
  ['-1', null],
  ['1.5', null],
  ['0x10', null],
  ['1, 1', null],
  ['9999999999999999', null],
])('a Content-Length of %j says %j', (field, length) => {
  expect(readLength(field)).toBe(length)
})

/** A body in chunks of four bytes, and whether its rest was given up. */
function makeBody(chunks: number) {
  const state = { sent: 0, isCancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.sent++ < chunks) controller.enqueue(new Uint8Array(4))
        else controller.close()
      },
      cancel() {
        state.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, state }
}

test('a body of exactly the limit is read whole', async () => {
  const { stream, state } = makeBody(2)
  let bytes = 0
  expect(await readChunks(stream, 8, (chunk) => (bytes += chunk.byteLength))).toBe(true)
  expect([bytes, state.isCancelled]).toEqual([8, false])
})

test('a body with more is given up at the first chunk that is too much', async () => {
  const { stream, state } = makeBody(1000)
  let bytes = 0
  expect(await readChunks(stream, 8, (chunk) => (bytes += chunk.byteLength))).toBe(false)
  expect([bytes, state.sent, state.isCancelled]).toEqual([8, 3, true])
})

test('a body whose reader throws is given up', async () => {
  const { stream, state } = makeBody(1000)
  const reading = readChunks(stream, 8, () => {
    throw new TypeError('no text')
  })
  await expect(reading).rejects.toThrow(TypeError)
  expect(state.isCancelled).toBe(true)
})
