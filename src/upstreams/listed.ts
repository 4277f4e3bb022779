/** All upstreams that stand in a table, by name or written in their routes. */
import type { RouteTable } from '../config/schema.ts'
import type { UpstreamOptions } from './http/schema.ts'

export function listUpstreams({
  upstreams = {},
  routes,
}: Pick<RouteTable, 'upstreams' | 'routes'>): readonly UpstreamOptions[] {
  const inline = routes.flatMap(({ upstream }) => {
    const isInline = typeof upstream === 'object' && !Array.isArray(upstream)
    return isInline ? [upstream] : []
  })
  return [...Object.values(upstreams), ...inline]
}
