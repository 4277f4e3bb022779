import { expect, test } from 'vitest'
import cache from './workers/cache.ts'

const MEBIBYTE = 1_048_576

function ask(method: string, path: string, init: RequestInit & { duplex?: 'half' } = {}) {
  return cache.fetch(new Request(`https://cache.test/${path}`, { method, ...init }))
}

/** A whole message with a body of so many mebibytes, as a stream whose length nobody says. */
function messageOf(mebibytes: number, onEnd = () => {}): ReadableStream<Uint8Array> {
  let left = mebibytes
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const head = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\n'
      controller.enqueue(new TextEncoder().encode(head))
    },
    pull(controller) {
      if (left-- > 0) return controller.enqueue(new Uint8Array(MEBIBYTE))
      onEnd()
      controller.close()
    },
  })
}

test('a streamed message is kept whole', async () => {
  expect((await ask('PUT', 'a', { body: messageOf(3), duplex: 'half' })).status).toBe(204)
  const found = await ask('GET', 'a')
  expect(found.headers.get('cf-cache-status')).toBe('HIT')
  expect((await found.arrayBuffer()).byteLength).toBe(3 * MEBIBYTE)
})

test('a message that is too large is read to its end and not kept', async () => {
  let isRead = false
  const body = messageOf(9, () => {
    isRead = true
  })
  expect((await ask('PUT', 'b', { body, duplex: 'half' })).status).toBe(413)
  expect(isRead).toBe(true)
  expect((await ask('GET', 'b')).headers.get('cf-cache-status')).toBe('MISS')
})

test('where a later answer cannot be kept, the older one is gone as well', async () => {
  await ask('PUT', 'c', { body: messageOf(1), duplex: 'half' })
  await ask('PUT', 'c', { body: messageOf(9), duplex: 'half' })
  expect((await ask('GET', 'c')).status).toBe(504)
})
