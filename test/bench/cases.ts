/** The cases of the benchmark: which contestants meet, and with which table. */
import { type Contestant, type Ring, startGateway, startNginx, startWorker } from './contestants.ts'
import type { Entrant } from './duel.ts'
import type { RequestFields } from './http-load.ts'
import { identityCases } from './identity-cases.ts'

export interface Case {
  readonly name: string
  readonly title: string
  /** What the ratio of CPU to the bare Worker is to stay below, where there is such a reach. */
  readonly reach: number | null
  /** Whether each request is a new one. */
  readonly isVaried?: boolean
  /** The requests in turn, where they are not the usual one; the bare Worker beside it gets the same. */
  requests?(): Promise<readonly RequestFields[]>
  start(ring: Ring): Promise<Contestant>
}

const upstreams = (ring: Ring) => ({ origin: { targets: [ring.origin] } })

/** The route that all requests take. */
const route = {
  name: 'users',
  match: { path: '/api/v1/users/*', methods: ['GET'] },
  upstream: 'origin',
}

const oneRoute = (ring: Ring) => ({ version: 1, upstreams: upstreams(ring), routes: [route] })

/** The one route among others, in the middle of the document. */
export function manyRoutes(ring: Pick<Ring, 'origin'>, count: number) {
  const others = Array.from({ length: count - 1 }, (_, index) => otherRoute(index))
  const middle = Math.floor(others.length / 2)
  return {
    version: 1,
    upstreams: { origin: { targets: [ring.origin] } },
    routes: [...others.slice(0, middle), route, ...others.slice(middle)],
  }
}

/** Paths as services have them: a literal prefix, params, now and then the rest. */
function otherRoute(index: number) {
  const service = `/api/v1/service-${Math.floor(index / 4)}`
  const paths = ['', '/:id', '/:id/items/:item', '/files/*path']
  return {
    name: `route-${index}`,
    match: { path: `${service}${paths[index % 4]}` },
    upstream: 'origin',
  }
}

const fivePolicies = (ring: Ring) => ({
  version: 1,
  upstreams: upstreams(ring),
  routes: [
    {
      ...route,
      policies: [
        { use: 'request-id' },
        { use: 'cors', origins: ['https://app.example.com'], credentials: true },
        { use: 'rewrite', stripPrefix: '/api/v1' },
        { use: 'request-headers', set: { 'X-Tier': 'standard' }, remove: ['Authorization'] },
        { use: 'response-headers', set: { 'X-Served-By': 'isogate' }, remove: ['Server'] },
      ],
    },
  ],
})

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
    start: (ring) => startGateway(ring, { table: fivePolicies(ring), log: 'json' }),
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
