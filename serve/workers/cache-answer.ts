/** Makes the answer to a match: whole, not modified (RFC 9110 §13), or one byte range of it (§14). */
import type { Message } from './cache-message.ts'

export interface Stored extends Message {
  readonly storedAt: number
  readonly expiresAt: number
  /** The Age that the response had when it came. */
  readonly ageSeconds: number
}

export function answerFrom(stored: Stored, asked: Headers, now: number): Response {
  const headers = new Headers(stored.headers)
  headers.set('CF-Cache-Status', 'HIT')
  headers.set('Age', String(stored.ageSeconds + Math.floor((now - stored.storedAt) / 1000)))
  if (stored.status === 200 && unmodified(stored.headers, asked)) {
    return new Response(null, { status: 304, headers })
  }
  const range = stored.status === 200 ? rangeOf(asked.get('Range'), stored.body.length) : null
  if (range === null) return respond(stored, stored.body, { status: stored.status, headers })
  if (range === 'unsatisfiable') {
    headers.set('Content-Range', `bytes */${stored.body.length}`)
    return new Response(null, { status: 416, headers })
  }
  headers.set('Content-Range', `bytes ${range.first}-${range.last}/${stored.body.length}`)
  return respond(stored, stored.body.subarray(range.first, range.last + 1), {
    status: 206,
    headers,
  })
}

function respond(stored: Stored, body: Uint8Array, init: ResponseInit): Response {
  const bodiless = init.status === 204 || init.status === 205 || init.status === 304
  return new Response(bodiless ? null : payloadOf(body), {
    ...init,
    ...(init.status === stored.status ? { statusText: stored.reason } : {}),
    // The body is kept as it was sent: an encoded one must not be encoded again.
    ...(stored.headers.has('Content-Encoding') ? { encodeBody: 'manual' as const } : {}),
  })
}

// The runtime copies bytes that are a body whole, and frees the copy when the collector comes by, which knows
// nothing of its size: of hits on large answers hundreds of megabytes would be waiting.
const SLICE_BYTES = 65_536

function payloadOf(body: Uint8Array): BodyInit {
  if (body.length <= SLICE_BYTES) return body as Uint8Array<ArrayBuffer>
  let at = 0
  const slices = new ReadableStream<Uint8Array>({
    pull(controller) {
      // A copy: what is enqueued may be taken over.
      controller.enqueue(body.slice(at, at + SLICE_BYTES))
      at += SLICE_BYTES
      if (at >= body.length) controller.close()
    },
  })
  return slices.pipeThrough(new FixedLengthStream(body.length))
}

/** If-None-Match wins over If-Modified-Since (RFC 9110 §13.2.2). */
function unmodified(stored: Headers, asked: Headers): boolean {
  const tags = asked.get('If-None-Match')
  if (tags !== null) {
    const own = stored.get('ETag')
    if (tags.trim() === '*') return true
    return own !== null && tags.split(',').some((tag) => opaque(tag) === opaque(own))
  }
  const since = Date.parse(asked.get('If-Modified-Since') ?? '')
  return Date.parse(stored.get('Last-Modified') ?? '') <= since
}

/** Weak comparison leaves the `W/` out (RFC 9110 §8.8.3.2). */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}

/** One range of bytes, both ends included; null where the whole is to be sent: several ranges may be ignored. */
function rangeOf(
  value: string | null,
  length: number,
): { readonly first: number; readonly last: number } | 'unsatisfiable' | null {
  const [, from = '', to = ''] = /^bytes=([0-9]*)-([0-9]*)$/.exec(value?.trim() ?? '') ?? []
  if (from === '' && to === '') return null
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from)
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1)
  if (from !== '' && to !== '' && Number(to) < first) return null
  return first >= length || first > last ? 'unsatisfiable' : { first, last }
}
