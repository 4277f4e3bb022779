/**
 * The cases in which a caller is known: tokens that an isolate sees for the first time, one that it has seen, and an
 * API key that it remembers, beside Workers that verify each token with jose.
 */
import { randomBytes } from 'node:crypto'
import { type MadeKey, makeKey } from '../../src/identity/keys/make.ts'
import { printRecord, recordKey } from '../../src/identity/keys/record.ts'
import type { Case } from './cases.ts'
import { type Ring, requestHeaders, startGateway, startWorker } from './contestants.ts'
import type { RequestFields } from './http-load.ts'
import { oneRoute } from './tables.ts'
import { AUDIENCE, type BenchAlgorithm, ISSUER, keySet, tokensOf } from './tokens.ts'

export function requestsWith(tokens: readonly string[]): readonly RequestFields[] {
  return tokens.map((token) => ({ ...requestHeaders, Authorization: `Bearer ${token}` }))
}

export function jwtPolicy(algorithm: BenchAlgorithm) {
  return {
    use: 'jwt',
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [algorithm],
    jwks: keySet(),
  }
}

function startWithTokens(ring: Ring, algorithm: BenchAlgorithm) {
  return startGateway(ring, { table: oneRoute(ring, [jwtPolicy(algorithm)]), log: 'json' })
}

/** What the Workers that verify with jose are told. */
export const trustVariables = () => ({ JWKS: JSON.stringify(keySet()), ISSUER, AUDIENCE })

function tokenCases(algorithm: BenchAlgorithm): readonly Case[] {
  const slug = algorithm.toLowerCase()
  const repeated = async () => requestsWith(tokensOf(algorithm, 'one'))
  const first = async () => requestsWith(tokensOf(algorithm, 'new'))
  return [
    {
      name: `jwt-${slug}`,
      title: `isogate, jwt, one ${algorithm} token again and again`,
      reach: 1.15,
      requests: repeated,
      start: (ring) => startWithTokens(ring, algorithm),
    },
    {
      // To be within 1.1 of the bare Worker that verifies with jose, below.
      name: `jwt-${slug}-first`,
      title: `isogate, jwt, each ${algorithm} token a new one`,
      reach: null,
      isVaried: true,
      requests: first,
      start: (ring) => startWithTokens(ring, algorithm),
    },
    {
      name: `jose-${slug}`,
      title: `A bare Worker that verifies each ${algorithm} token with jose`,
      reach: null,
      isVaried: true,
      requests: first,
      start: (ring) => startWorker(ring, 'jose', trustVariables()),
    },
    {
      name: `hono-jose-${slug}`,
      title: `hono's proxy helper behind jose, each ${algorithm} token a new one`,
      reach: null,
      isVaried: true,
      requests: first,
      start: (ring) => startWorker(ring, 'hono-jose', trustVariables()),
    },
  ]
}

let madeKey: Promise<MadeKey> | null = null

/** One API key for all processes of a run. */
function apiKey(): Promise<MadeKey> {
  madeKey ??= makeKey(
    'bench',
    {
      consumer: 'bench',
      plan: null,
      scopes: ['read'],
      roles: [],
      permissions: [],
      metadata: {},
      routes: null,
      expiresAt: null,
      description: null,
    },
    {
      now: Date.now(),
      randomness: {
        hex: (bytes) => randomBytes(bytes).toString('hex'),
        fraction: () => 0.5,
      },
    },
  )
  return madeKey
}

export const identityCases: readonly Case[] = [
  ...tokenCases('RS256'),
  ...tokenCases('ES256'),
  {
    name: 'api-key',
    title: 'isogate, api-key, remembered by the isolate',
    reach: 1.12,
    requests: async () => [{ ...requestHeaders, 'X-API-Key': (await apiKey()).key }],
    async start(ring) {
      const { hash, record } = await apiKey()
      const documents = { [recordKey(hash)]: printRecord(record) }
      const table = oneRoute(ring, [{ use: 'api-key' }])
      return startGateway(ring, { table, log: 'json', documents })
    },
  },
]
