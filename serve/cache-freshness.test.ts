import { expect, test } from 'vitest'
import { lifetimeMs, storable } from './workers/cache-freshness.ts'
import { parseMessage } from './workers/cache-message.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

test.each([
  [{ 'Cache-Control': 'max-age=60' }, 60_000],
  [{ 'Cache-Control': 'max-age=60, s-maxage=5' }, 5000],
  [{ 'Cache-Control': 'Max-Age="7"' }, 7000],
  [{ 'Cache-Control': 'max-age=x' }, 0],
  [{ 'Cache-Control': 'max-age=-1' }, 0],
  [{ Expires: 'Sun, 22 Nov 2026 12:01:00 GMT' }, 60_000],
  [{ Expires: '0' }, 0],
  [{}, 0],
])('%j gives %i ms', (headers, lifetime) => {
  expect(lifetimeMs(new Headers(headers as Record<string, string>), now)).toBe(lifetime)
})

test.each([
  [{ 'Cache-Control': 'no-store' }, false],
  [{ 'Cache-Control': 'private' }, false],
  [{ 'Cache-Control': 'no-cache' }, false],
  [{ 'Cache-Control': 'no-cache="X-A"' }, true],
  [{ 'Set-Cookie': 'a=b' }, false],
  [{ 'Set-Cookie': 'a=b', 'Cache-Control': 'private="Set-Cookie"' }, true],
  [{}, true],
])('%j may be stored: %s', (headers, may) => {
  expect(storable(new Headers(headers as Record<string, string>))).toBe(may)
})

test('a message is read with its fields, without what describes only the wire', () => {
  const bytes = new TextEncoder().encode(
    'HTTP/1.1 201 Made\r\nX-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\n\r\nbody\r\n\r\nrest',
  )
  const message = parseMessage(bytes)
  expect([message?.status, message?.reason, [...(message?.headers ?? [])]]).toEqual([
    201,
    'Made',
    [['x-a', '1, 2']],
  ])
  expect(new TextDecoder().decode(message?.body)).toBe('body\r\n\r\nrest')
})

test.each(['', 'HTTP/1.1 200 OK\r\n', 'HTTP/2 200\r\n\r\n', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n'])(
  '%j is no message',
  (text) => {
    expect(parseMessage(new TextEncoder().encode(text))).toBeNull()
  },
)
