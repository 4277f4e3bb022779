/** The cases of the cache: one answer again and again, and one that may not be kept, beside a Worker and nginx. */
import type { Case } from './cases.ts'
import {
  type Ring,
  requestHeaders,
  startCachingNginx,
  startGateway,
  startWorker,
} from './contestants.ts'
import { oneRoute } from './tables.ts'

/** Without credentials: an answer to a request that has some is not kept for others (RFC 9111 §3.5). */
const requests = async () => {
  const { Authorization: _, ...fields } = requestHeaders
  return [fields]
}

// The origin says no-store: `override` has the last word, as it has in nginx with proxy_ignore_headers.
const kept = { use: 'cache', ttlSeconds: 3_600, override: true }

const startCaching = (ring: Ring, policy: object) =>
  startGateway(ring, { table: oneRoute(ring, [policy]), log: 'json' })

export const cacheCases: readonly Case[] = [
  {
    name: 'cache-hit',
    title: 'isogate, cache, a hit from the Cache API',
    reach: null,
    beside: { name: 'cached-worker', atMost: 1.15 },
    requests,
    start: (ring) => startCaching(ring, kept),
  },
  {
    name: 'cache-miss',
    title: 'isogate, cache, a miss that may not be kept',
    reach: null,
    requests,
    start: (ring) => startCaching(ring, { use: 'cache' }),
  },
  {
    name: 'cached-worker',
    title: 'A bare Worker with a look into the Cache API, a hit',
    reach: null,
    requests,
    start: (ring) => startWorker(ring, 'cached'),
  },
  {
    name: 'nginx-cache',
    title: 'nginx with proxy_cache, a hit',
    reach: null,
    requests,
    start: (ring) => startCachingNginx(ring),
  },
]
