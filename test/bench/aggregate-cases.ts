/** One answer from three calls, beside a Worker that is written by hand for just these. */
import type { Case } from './cases.ts'
import { type Ring, startGateway, startWorker } from './contestants.ts'
import { upstreams } from './tables.ts'

const threeCalls = (ring: Pick<Ring, 'origin'>) => ({
  version: 1,
  upstreams: upstreams(ring),
  routes: [
    {
      name: 'page',
      match: { path: '/api/v1/users/:id' },
      aggregate: {
        calls: {
          user: { upstream: 'origin', path: '/users/${params.id}', required: true },
          orders: {
            upstream: 'origin',
            path: '/orders',
            query: { user: '${params.id}' },
            default: [],
          },
          cart: { upstream: 'origin', path: '/carts/${params.id}' },
        },
      },
    },
  ],
})

export const aggregateCases: readonly Case[] = [
  {
    name: 'promise-all',
    title: 'A Worker by hand: three calls with Promise.all',
    reach: null,
    start: (ring) => startWorker(ring, 'promise-all'),
  },
  {
    name: 'aggregate',
    title: 'isogate, an aggregate of the same three calls',
    reach: null,
    beside: { name: 'promise-all', atMost: 1.25 },
    start: (ring) => startGateway(ring, { table: threeCalls(ring), log: 'json' }),
  },
]
