import { expect, test } from 'vitest'
import { readOrReplay, readUpTo } from './read-up-to.ts'

function streamOf(...texts: string[]) {
  let isCancelled = false
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text))
    },
    pull: (controller) => controller.close(),
    cancel: () => {
      isCancelled = true
    },
  })
  return { stream, isCancelled: () => isCancelled }
}

const textOf = (bytes: ArrayBuffer | null) => bytes && new TextDecoder().decode(bytes)

test('a stream up to the limit is read whole', async () => {
  expect(textOf(await readUpTo(streamOf('ab', 'c').stream, 3))).toBe('abc')
  expect(textOf(await readUpTo(streamOf().stream, 0))).toBe('')
})

test('a stream past the limit gives nothing and is called off', async () => {
  const { stream, isCancelled } = streamOf('ab', 'cd', 'ef')
  expect(await readUpTo(stream, 3)).toBeNull()
  expect(isCancelled()).toBe(true)
})

test('a stream past the limit can be read again from its start', async () => {
  const read = await readOrReplay(streamOf('ab', 'cd', 'ef').stream, 3)
  if (read.kind !== 'longer') throw new TypeError('not longer')
  expect(await new Response(read.stream).text()).toBe('abcdef')
})

test('calling off the replay calls off the stream', async () => {
  const { stream, isCancelled } = streamOf('ab', 'cd')
  const read = await readOrReplay(stream, 1)
  if (read.kind !== 'longer') throw new TypeError('not longer')
  await read.stream.cancel()
  expect(isCancelled()).toBe(true)
})
