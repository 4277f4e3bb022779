/**
 * The Cache API on one machine: the service that workerd asks for `caches.default` and `caches.open(…)`.
 * match = GET, put = PUT whose body is a whole HTTP/1.1 message, delete = PURGE. It answers as one data
 * center of Cloudflare does: `Vary` is not looked at. A restart begins with an empty cache.
 */

import { answerFrom, type Stored } from './cache-answer.ts'
import { lifetimeMs, storable } from './cache-freshness.ts'
import { type Message, parseMessage, readMessage } from './cache-message.ts'
import { Memo } from './memo.ts'

const CAPACITY_BYTES = 64 * 1024 * 1024 // Half of what an isolate on Cloudflare may hold.
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024 // So that one response cannot push out all others.
const OVERHEAD_BYTES = 500 // Objects and strings around a stored body, roughly.

const entries = new Memo<Stored>(CAPACITY_BYTES)

export default {
  async fetch(request: Request): Promise<Response> {
    const key = `${request.headers.get('CF-Cache-Namespace') ?? ''}\0${request.url}`
    switch (request.method) {
      case 'GET':
        return match(key, request)
      case 'PUT':
        return put(key, await readMessage(request, MAX_MESSAGE_BYTES))
      case 'PURGE':
        return new Response(null, { status: entries.forget(key) ? 200 : 404 })
      default:
        return new Response(null, { status: 405 })
    }
  },
} satisfies ExportedHandler

function match(key: string, request: Request): Response {
  const stored = entries.get(key)
  const now = Date.now()
  if (stored && stored.expiresAt > now) return answerFrom(stored, request.headers, now)
  if (stored) entries.forget(key)
  // 504 is the answer to `only-if-cached` with nothing there (RFC 9111 §5.2.1.7).
  return new Response(null, { status: 504, headers: { 'CF-Cache-Status': 'MISS' } })
}

function put(key: string, body: Uint8Array | null): Response {
  const message = body === null ? null : parseMessage(body)
  entries.forget(key)
  const bytes = (body?.byteLength ?? 0) + OVERHEAD_BYTES
  if (!message || bytes > MAX_MESSAGE_BYTES) return new Response(null, { status: 413 })
  const now = Date.now()
  const lifetime = storable(message.headers) ? lifetimeMs(message.headers, now) : 0
  if (lifetime > 0) entries.set(key, storedFrom(message, now, lifetime), bytes)
  // The caller is told nothing more: on Cloudflare, too, what may not be stored just never matches.
  return new Response(null, { status: 204 })
}

function storedFrom(message: Message, now: number, lifetime: number): Stored {
  // Cookies of one client never go to another, even where the origin allowed the rest to be stored.
  message.headers.delete('Set-Cookie')
  return {
    ...message,
    storedAt: now,
    expiresAt: now + lifetime,
    ageSeconds: Number(message.headers.get('Age')) || 0,
  }
}
