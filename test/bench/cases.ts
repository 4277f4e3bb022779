/** The cases of the benchmark: which contestants meet, and with which table. */
import { cacheCases } from './cache-cases.ts'
import { callCases } from './call-cases.ts'
import { type Contestant, type Ring, startGateway, startNginx, startWorker } from './contestants.ts'
import type { Entrant } from './duel.ts'
import type { RequestFields } from './http-load.ts'
import { identityCases } from './identity-cases.ts'
import { limitCases } from './limit-cases.ts'
import { manyRoutes, oneRoute } from './tables.ts'

export interface Case {
  readonly name: string
  readonly title: string
  /** What the ratio of CPU to the bare Worker is to stay below, where there is such a reach. */
  readonly reach: number | null
  /** What its CPU is to stay below in terms of another case of the same run. */
  readonly beside?: { readonly name: string; readonly atMost: number }
  /** Calls of objects for each request: counted in a run of their own, or known. None unless given. */
  readonly objectCalls?: 'counted' | number
  /** Whether each request is a new one. */
  readonly isVaried?: boolean
  /** The requests in turn, where they are not the usual one; the bare Worker beside it gets the same. */
  requests?(): Promise<readonly RequestFields[]>
  start(ring: Ring): Promise<Contestant>
}

const fivePolicies = [
  { use: 'request-id' },
  { use: 'cors', origins: ['https://app.example.com'], credentials: true },
  { use: 'rewrite', stripPrefix: '/api/v1' },
  { use: 'request-headers', set: { 'X-Tier': 'standard' }, remove: ['Authorization'] },
  { use: 'response-headers', set: { 'X-Served-By': 'isogate' }, remove: ['Server'] },
]

export const cases: readonly Case[] = [
  {
    name: 'bare',
    title: 'A second bare Worker (A/A: the noise)',
    reach: null,
    start: (ring) => startWorker(ring, 'bare'),
  },
  {
    name: 'one-route',
    title: 'isogate, one route, event log on',
    reach: 1.1,
    start: (ring) => startGateway(ring, { table: oneRoute(ring), log: 'json' }),
  },
  {
    name: 'one-route-quiet',
    title: 'isogate, one route, event log off',
    reach: null,
    start: (ring) => startGateway(ring, { table: oneRoute(ring), log: 'off' }),
  },
  {
    name: 'many-routes',
    title: 'isogate, 10,000 routes, event log on',
    reach: 1.1,
    start: (ring) => startGateway(ring, { table: manyRoutes(ring, 10_000), log: 'json' }),
  },
  {
    name: 'five-policies',
    title: 'isogate, five policies, event log on',
    reach: 1.3,
    start: (ring) => startGateway(ring, { table: oneRoute(ring, fivePolicies), log: 'json' }),
  },
  {
    name: 'hono',
    title: "hono's proxy helper (adds no header field)",
    reach: null,
    start: (ring) => startWorker(ring, 'hono'),
  },
  {
    name: 'nginx',
    title: 'nginx as a reverse proxy',
    reach: null,
    start: (ring) => startNginx(ring),
  },
  ...identityCases,
  ...limitCases,
  ...callCases,
  ...cacheCases,
]

/** Binds a case to a run. */
export function entrantOf(one: Case, ring: Ring): Entrant {
  const { name } = one
  async function ringOf(): Promise<Ring> {
    return one.requests === undefined ? ring : { ...ring, requests: await one.requests() }
  }
  return {
    name,
    isVaried: one.isVaried ?? false,
    start: async () => one.start(await ringOf()),
    startBare: async () => startWorker(await ringOf(), 'bare'),
  }
}
