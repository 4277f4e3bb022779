/**
 * The cases with limits: one hot key, many keys, a flood that is refused, and the whole chain; beside Workers that
 * ask an object for each request. No limiter for hono on this runtime is installed: theirs is written by hand.
 */
import type { Case } from './cases.ts'
import { type Ring, requestHeaders, requestPath, startGateway, startWorker } from './contestants.ts'
import { jwtPolicy, requestsWith, trustVariables } from './identity-cases.ts'
import { manyRoutes, oneRoute } from './tables.ts'
import { tokensOf } from './tokens.ts'

/** So much that no case of the CPU reaches it. */
const ample = { limit: 1_000_000, windowSeconds: 60 }
const hotKey = { use: 'rate-limit', by: ['global'], ...ample }

const KEYS = 10_000
/** A tenant for each request, in turn. */
const tenants = async () =>
  Array.from({ length: KEYS }, (_, tenant) => ({ ...requestHeaders, 'X-Tenant': `${tenant}` }))

/** Refuses all but the first request, which is gone when the others come. */
async function startRefusing(ring: Ring) {
  const spent = { use: 'rate-limit', by: ['global'], limit: 1, windowSeconds: 3_600 }
  const table = oneRoute(ring, [spent])
  const contestant = await startGateway({ ...ring, status: 429 }, { table, log: 'json' })
  await fetch(`http://127.0.0.1:${contestant.port}${requestPath}`)
  return contestant
}

const repeatedToken = async () => requestsWith(tokensOf('RS256', 'one'))

export const limitCases: readonly Case[] = [
  {
    name: 'hot-key',
    title: 'isogate, rate-limit, one hot key',
    reach: 1.2,
    objectCalls: 'counted',
    start: (ring) => startGateway(ring, { table: oneRoute(ring, [hotKey]), log: 'json' }),
  },
  {
    name: 'one-call',
    title: 'A bare Worker with one object call per request',
    reach: null,
    objectCalls: 1,
    start: (ring) => startWorker(ring, 'one-call'),
  },
  {
    name: 'hono-limiter',
    title: "hono's proxy helper behind a limiter written by hand, an object call per request",
    reach: null,
    objectCalls: 1,
    start: (ring) => startWorker(ring, 'hono-limiter'),
  },
  {
    name: 'many-keys',
    title: 'isogate, rate-limit, 10,000 keys in turn',
    reach: null,
    beside: { name: 'one-call-many-keys', atMost: 1 },
    objectCalls: 'counted',
    isVaried: true,
    requests: tenants,
    start: (ring) =>
      startGateway(ring, {
        table: oneRoute(ring, [{ ...hotKey, by: ['header.x-tenant'] }]),
        log: 'json',
      }),
  },
  {
    name: 'one-call-many-keys',
    title: 'A bare Worker with one object call per request, 10,000 keys in 256 objects',
    reach: null,
    objectCalls: 1,
    isVaried: true,
    requests: tenants,
    start: (ring) => startWorker(ring, 'one-call'),
  },
  {
    name: 'refused',
    title: 'isogate, rate-limit, a flood that is refused (the bare Worker answers)',
    reach: null,
    objectCalls: 'counted',
    isVaried: true,
    start: startRefusing,
  },
  {
    name: 'chain',
    title: 'isogate, 1,000 routes, one RS256 token, hot-key limit, two header policies',
    reach: 1.4,
    beside: { name: 'hono-chain', atMost: 0.6 },
    objectCalls: 'counted',
    requests: repeatedToken,
    start: (ring) =>
      startGateway(ring, {
        table: manyRoutes(ring, 1_000, [
          jwtPolicy('RS256'),
          { use: 'rate-limit', by: ['consumer'], ...ample },
          { use: 'request-headers', set: { 'X-Tier': 'standard' } },
          { use: 'response-headers', set: { 'X-Served-By': 'isogate' } },
        ]),
        log: 'json',
      }),
  },
  {
    name: 'hono-chain',
    title: 'The same by hono: 1,000 routes, jose, a limiter written by hand, two fields',
    reach: null,
    objectCalls: 1,
    requests: repeatedToken,
    start: (ring) => startWorker(ring, 'hono-chain', trustVariables()),
  },
]
