/** The upstreams of a table of which the fleet has something to know: what operators see under /_gateway/breakers. */
import { findLink, objectAt, objectName, placedSpecs } from '../calls/state/bind-link.ts'
import type { LinkPorts } from '../calls/state/link.ts'
import type { UpstreamSpec } from '../calls/state/messages.ts'
import type { Ports } from '../platform/ports.ts'
import type { UpstreamOptions } from '../upstreams/http/schema.ts'
import type { UpstreamScope } from '../upstreams/http/upstream.ts'
import { adaptiveOf } from './adaptive.ts'
import type { RouteTable } from './schema.ts'
import { canariesOf } from './splits.ts'

/** Where a client is: which of the objects of an upstream knows its part of the world. */
export interface Location {
  readonly colo: string | null
  readonly continent: string | null
}

/** What one object of an upstream knows. */
export interface FleetObject {
  readonly name: string
  readonly spec: UpstreamSpec
}

export interface FleetUpstream {
  /** The upstream's name; `route:<route>` where it is written in its route. */
  readonly name: string
  /** Of all its parts. */
  readonly spec: UpstreamSpec
  readonly scope: 'global' | 'colo'
  readonly mode: 'enforce' | 'shadow'
  /** Its objects: one, unless its parts have different scopes. */
  objects(at: Location): readonly FleetObject[]
  /** Lets this isolate hear at once what they say now. */
  hear(at: Location, ports: LinkPorts & Pick<Ports, 'memories'>): Promise<unknown>
}

/** Sorted as the table has them, those with a name first. */
export function listFleet(table: RouteTable): ReadonlyMap<string, FleetUpstream> {
  const { upstreams = {}, routes } = table
  const found = new Map<string, FleetUpstream>()
  const adaptive = adaptiveOf(table)
  const canaries = canariesOf(table)
  function add(name: string, pointer: string, options: UpstreamOptions): void {
    const object = objectName({ name, pointer })
    const upstream = fleetUpstream(object, options, {
      adaptive: adaptive.get(object),
      canary: canaries.get(object),
    })
    if (upstream !== null) found.set(upstream.name, upstream)
  }
  for (const [name, options] of Object.entries(upstreams)) add(name, '/upstreams/', options)
  for (const { name, upstream } of routes) {
    if (typeof upstream === 'object' && !Array.isArray(upstream)) add(name, '/routes/', upstream)
  }
  return found
}

function fleetUpstream(
  name: string,
  options: UpstreamOptions,
  asked: Pick<UpstreamScope, 'adaptive' | 'canary'>,
): FleetUpstream | null {
  const placed = placedSpecs({ options, targets: options.targets ?? [], ...asked })
  const spec: UpstreamSpec = Object.assign({}, ...placed.map((one) => one.spec))
  const { budget: _, ...shown } = spec
  if (Object.keys(shown).length === 0) return null
  const objects = (at: Location) =>
    placed.map((one) => ({ name: objectAt(name, one.place, at), spec: one.spec }))
  return {
    name,
    spec,
    scope: options.breaker?.scope ?? 'global',
    mode: options.breaker?.mode ?? 'enforce',
    objects,
    hear: (at, ports) =>
      Promise.all(
        objects(at).map((object) =>
          findLink(object.name, ports, ports.clock.now()).exchange(ports, object.spec),
        ),
      ),
  }
}
