/**
 * Answers in this location's Cache API. The head stands in one field of the stored response, so that a hit reads one
 * field and passes the body on unread. None of the answer's own fields is one of the stored response but
 * Content-Encoding, without which the runtime would take the encoding off: the Cache API keeps to Vary, Set-Cookie and
 * Cache-Control in its own way.
 */
import type { AnswerStore } from '../../cache/answer.ts'
import { encodingOf, headOfRead, headText, MAX_HEAD_BYTES } from '../../cache/frame.ts'
import { KnownHeads } from '../../cache/known-heads.ts'

const HEAD_FIELD = 'isogate-answer'

const heads = new KnownHeads()

/** Cache keys are URLs; this host exists nowhere (RFC 6761 §6.4). */
function urlOf(key: string): string {
  return `https://isogate.invalid/answers/${encodeURIComponent(key)}`
}

export const edgeAnswers: AnswerStore = {
  async get(key) {
    try {
      const found = await caches.default.match(urlOf(key))
      if (found === undefined) return 'absent'
      const text = found.headers.get(HEAD_FIELD)
      const read = text === null ? null : heads.read(key, text)
      if (read === null) {
        await found.body?.cancel()
        return 'absent'
      }
      return { head: read.head, body: read.body === true ? found.body : null }
    } catch {
      return 'fault'
    }
  },

  async put(key, { head: asSent, body }, keepSeconds) {
    const seconds = Math.floor(keepSeconds)
    // Whoever splits a body between client and store reads it: what is kept is encoded anew.
    const head = body === null ? asSent : headOfRead(asSent)
    const text = headText(head, body !== null)
    if (seconds < 1 || text.length > MAX_HEAD_BYTES) {
      if (body instanceof ReadableStream) await body.cancel().catch(() => {})
      return 'refused'
    }
    const headers: Record<string, string> = {
      'Cache-Control': `max-age=${seconds}`,
      [HEAD_FIELD]: text,
    }
    const encoding = body === null ? null : encodingOf(head)
    if (encoding !== null) headers['Content-Encoding'] = encoding
    try {
      // Always 200, whatever the answer was: the Cache API refuses some statuses.
      await caches.default.put(urlOf(key), new Response(body, { headers }))
      return 'stored'
    } catch (error) {
      return isTooLarge(error) ? 'refused' : 'fault'
    }
  },

  async delete(key) {
    try {
      await caches.default.delete(urlOf(key))
    } catch {
      // What cannot be reached cannot answer either.
    }
  },
}

/** More than 512 MB on Cloudflare, more than 8 MiB on one machine. */
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && /too large|413/i.test(error.message)
}
