/** Every upstream that stands in a table, with its place: by name, and written in its route. */
import { mirrorsOf } from '../calls/mirror/rules.ts'
import type { UpstreamOptions } from '../upstreams/http/schema.ts'
import type { Path } from './json.ts'
import type { RouteTable } from './schema.ts'

export interface PlacedUpstream {
  /** Null where it stands in its route: nothing else can name it. */
  readonly name: string | null
  readonly options: UpstreamOptions
  readonly path: Path
}

export function placedUpstreams({ upstreams = {}, routes }: RouteTable): readonly PlacedUpstream[] {
  const named = Object.entries(upstreams).map(([name, options]) => ({
    name,
    options,
    path: ['upstreams', name],
  }))
  const inline = routes.flatMap(({ upstream }, index) =>
    typeof upstream === 'object' && !Array.isArray(upstream)
      ? [{ name: null, options: upstream, path: ['routes', index, 'upstream'] }]
      : [],
  )
  return [...named, ...inline]
}

export interface NamedOther {
  readonly name: string
  /** From the upstream's own place. */
  readonly path: Path
}

/** The upstreams that this one sends requests on to: those of its chain, and those that get copies. */
export function othersOf({ fallback = [], mirror }: UpstreamOptions): readonly NamedOther[] {
  const chain = fallback.flatMap((entry, at) =>
    'upstream' in entry ? [{ name: entry.upstream, path: ['fallback', at, 'upstream'] }] : [],
  )
  const copies = mirrorsOf(mirror).map(({ upstream }, at) => ({
    name: upstream,
    path: Array.isArray(mirror) ? ['mirror', at, 'upstream'] : ['mirror', 'upstream'],
  }))
  return [...chain, ...copies]
}

/** The upstreams that calls of aggregates name, each with the place from the root. */
export function callsOf({ routes }: RouteTable): readonly NamedCall[] {
  return routes.flatMap(({ aggregate }, index) =>
    Object.entries(aggregate?.calls ?? {}).map(([call, { upstream }]) => ({
      name: upstream,
      path: ['routes', index, 'aggregate', 'calls', call, 'upstream'],
    })),
  )
}

export interface NamedCall {
  readonly name: string
  readonly path: Path
}
