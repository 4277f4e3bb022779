/** On http(s) the runtime sets Host itself: `host` of a rewrite arrives as X-Forwarded-Host (ROUTES.md §5). */
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import { choosePolicies } from '../policies.ts'
import type { Problem } from '../problem.ts'
import type { RouteSpec, RouteTable } from '../schema.ts'

export function checkForwardedHosts(table: RouteTable): Problem[] {
  // A set that many routes use is told once.
  const found = new Map<string, Problem>()
  for (const [index, route] of table.routes.entries()) {
    if (!upstreamsOf(route, table).some(isReachedByUrl)) continue
    for (const { entry, pointer } of choosePolicies(table, route, index)) {
      if (entry.use !== 'rewrite' || entry.host === undefined || found.has(pointer)) continue
      found.set(pointer, {
        pointer: `${pointer}/host`,
        code: 'HOST_FORWARDED',
        message: `the services of route "${route.name}" are called by URL, where the runtime sets Host itself: this host arrives as X-Forwarded-Host`,
        severity: 'warning',
      })
    }
  }
  return [...found.values()]
}

function upstreamsOf({ upstream }: RouteSpec, { upstreams = {} }: RouteTable): UpstreamOptions[] {
  if (upstream === undefined) return []
  if (typeof upstream !== 'string' && !Array.isArray(upstream)) return [upstream]
  const names = typeof upstream === 'string' ? [upstream] : upstream.map((share) => share.upstream)
  // A name that the table does not have is another check's to tell.
  return names.flatMap((name) => (Object.hasOwn(upstreams, name) ? (upstreams[name] ?? []) : []))
}

function isReachedByUrl({ targets = [], discover }: UpstreamOptions): boolean {
  if (discover !== undefined) return true
  return targets.some((target) => /^https?:/.test(typeof target === 'string' ? target : target.url))
}
