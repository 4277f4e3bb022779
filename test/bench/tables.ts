/** Tables for the cases: the route that all requests take, alone or among others. */
import type { Ring } from './contestants.ts'

/** The route that all requests take. */
export const route = {
  name: 'users',
  match: { path: '/api/v1/users/*', methods: ['GET'] },
  upstream: 'origin',
}

type Origin = Pick<Ring, 'origin'>

export const upstreams = ({ origin }: Origin) => ({ origin: { targets: [origin] } })

/** The one route alone, with these policies. */
export const oneRoute = (ring: Origin, policies: readonly object[] = []) => ({
  version: 1,
  upstreams: upstreams(ring),
  routes: [{ ...route, policies }],
})

/** The one route among others, in the middle of the document. */
export function manyRoutes(ring: Origin, count: number, policies: readonly object[] = []) {
  const others = Array.from({ length: count - 1 }, (_, index) => otherRoute(index))
  const middle = Math.floor(others.length / 2)
  const routes = [...others.slice(0, middle), { ...route, policies }, ...others.slice(middle)]
  return { version: 1, upstreams: upstreams(ring), routes }
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
