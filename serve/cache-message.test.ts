import { expect, test } from 'vitest'
import { parseMessage, readMessage } from './workers/cache-message.ts'

function requestOf(chunks: number, fields: Readonly<Record<string, string>> = {}) {
  let left = chunks
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) return controller.close()
      left--
      controller.enqueue(new Uint8Array(10).fill(left))
    },
  })
  return { request: { headers: new Headers(fields), body }, left: () => left }
}

test.each<[string, Readonly<Record<string, string>>]>([
  ['whose length is not said', {}],
  ['whose length is said', { 'Content-Length': '30' }],
])('a message %s is read whole', async (_, fields) => {
  const { request } = requestOf(3, fields)
  expect(await readMessage(request, 30)).toEqual(
    Uint8Array.from({ length: 30 }, (_, index) => 2 - Math.floor(index / 10)),
  )
})

test('a message that is too large is read to its end, and nothing of it is there', async () => {
  const { request, left } = requestOf(4)
  expect(await readMessage(request, 39)).toBeNull()
  expect(left()).toBe(0)
})

test('a message of nothing is none', async () => {
  const bytes = await readMessage({ headers: new Headers(), body: null }, 10)
  expect(bytes).toEqual(new Uint8Array(0))
  expect(parseMessage(bytes ?? new Uint8Array(1))).toBeNull()
})
