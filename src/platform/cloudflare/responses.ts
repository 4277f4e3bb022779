/** Short texts in this location's Cache API. It may be missing (another host), full or away: then it holds nothing. */
import type { Responses } from '../ports.ts'

const NAME = 'isogate'

/** Cache keys are URLs; this host exists nowhere (RFC 6761 §6.4). */
function urlOf(key: string): string {
  return `https://isogate.invalid/${encodeURIComponent(key)}`
}

export const cachedResponses: Responses = {
  async get(key) {
    try {
      const found = await (await caches.open(NAME)).match(urlOf(key))
      return found === undefined ? null : await found.text()
    } catch {
      return null
    }
  },
  async put(key, text, seconds) {
    try {
      const headers = { 'Cache-Control': `max-age=${Math.max(1, Math.floor(seconds))}` }
      await (await caches.open(NAME)).put(urlOf(key), new Response(text, { headers }))
    } catch {
      // What could not be kept is fetched again.
    }
  },
}
