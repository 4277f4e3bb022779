/** Aggregates and transforms beside Workers that are written by hand for just that. */
import { type ByHandCase, byHand } from './aggregate-titles.ts'
import { type Contestant, type Ring, startGateway, startWorker } from './contestants.ts'
import type { Entrant } from './duel.ts'
import { oneRoute, upstreams } from './tables.ts'
import type { WorkerName } from './worker.ts'

interface Pair {
  readonly worker: WorkerName
  start(ring: Ring): Promise<Contestant>
}

const startAggregate = (ring: Ring, calls: object) =>
  startGateway(ring, { table: aggregateOf(ring, { calls }), log: 'json' })

/** The route that all requests take, as an aggregate. */
export const aggregateOf = (ring: Pick<Ring, 'origin'>, aggregate: object) => ({
  version: 1,
  upstreams: upstreams(ring),
  routes: [{ name: 'page', match: { path: '/api/v1/users/:id' }, aggregate }],
})

const three = {
  user: { upstream: 'origin', path: '/users/${params.id}', required: true },
  orders: { upstream: 'origin', path: '/orders', query: { user: '${params.id}' }, default: [] },
  cart: { upstream: 'origin', path: '/carts/${params.id}' },
}

const batch = {
  cart: { upstream: 'origin', path: '/cart', required: true },
  products: {
    upstream: 'origin',
    path: '/products',
    query: { ids: '${item.productId}' },
    forEach: 'cart.body.items',
    batch: { by: 'productId', key: 'id' },
  },
}

const change = [
  { use: 'rewrite', path: '/large' },
  {
    use: 'transform-response',
    pick: ['orders.id', 'orders.order_number', 'orders.total_cents', 'total'],
    rename: { 'orders.order_number': 'orderNumber', 'orders.total_cents': 'totalCents' },
  },
]

const pairs: Readonly<Record<ByHandCase, Pair>> = {
  noise: { worker: 'promise-all', start: (ring) => startWorker(ring, 'promise-all') },
  three: { worker: 'promise-all', start: (ring) => startAggregate(ring, three) },
  whole: { worker: 'whole-page', start: (ring) => startAggregate(ring, three) },
  batch: { worker: 'join', start: (ring) => startAggregate(ring, batch) },
  change: {
    worker: 'reshape',
    start: (ring) => startGateway(ring, { table: oneRoute(ring, change), log: 'json' }),
  },
}

/** The Worker by hand stands where a bare one does else. */
export function byHandEntrants(ring: Ring): readonly Entrant[] {
  return (Object.keys(byHand) as ByHandCase[]).map((name) => {
    const { worker, start } = pairs[name]
    return {
      name,
      isVaried: false,
      start: () => start(ring),
      startBare: () => startWorker(ring, worker),
    }
  })
}
