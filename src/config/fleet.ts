/** The upstreams of a table of which the fleet has something to know: what operators see under /_gateway/breakers. */
import { findLink, objectName, objectNameAt, specOf } from '../calls/state/bind-link.ts'
import type { LinkPorts } from '../calls/state/link.ts'
import type { UpstreamSpec } from '../calls/state/messages.ts'
import type { Ports } from '../platform/ports.ts'
import type { UpstreamOptions } from '../upstreams/http/schema.ts'
import type { RouteTable } from './schema.ts'

export interface FleetUpstream {
  /** The upstream's name; `route:<route>` where it is written in its route. */
  readonly name: string
  readonly spec: UpstreamSpec
  readonly scope: 'global' | 'colo'
  readonly mode: 'enforce' | 'shadow'
  /** Its object; the location counts with scope `colo` alone. */
  object(colo: string | null): string
  /** Lets this isolate hear at once what the object says now. */
  hear(colo: string | null, ports: LinkPorts & Pick<Ports, 'memories'>): Promise<boolean>
}

/** Sorted as the table has them, those with a name first. */
export function listFleet({
  upstreams = {},
  routes,
}: RouteTable): ReadonlyMap<string, FleetUpstream> {
  const found = new Map<string, FleetUpstream>()
  function add(name: string, pointer: string, options: UpstreamOptions): void {
    const upstream = fleetUpstream(objectName({ name, pointer }), options)
    if (upstream !== null) found.set(upstream.name, upstream)
  }
  for (const [name, options] of Object.entries(upstreams)) add(name, '/upstreams/', options)
  for (const { name, upstream } of routes) {
    if (typeof upstream === 'object' && !Array.isArray(upstream)) add(name, '/routes/', upstream)
  }
  return found
}

function fleetUpstream(name: string, options: UpstreamOptions): FleetUpstream | null {
  const spec = specOf({ options, targets: options.targets })
  if (spec.breaker === undefined && spec.ejection === undefined) return null
  const scope = options.breaker?.scope ?? 'global'
  const object = (colo: string | null) => (scope === 'colo' ? objectNameAt(name, colo) : name)
  return {
    name,
    spec,
    scope,
    mode: options.breaker?.mode ?? 'enforce',
    object,
    hear: (colo, ports) => findLink(object(colo), ports, ports.clock.now()).exchange(ports, spec),
  }
}
