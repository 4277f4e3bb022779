/** Finds the links of an upstream: which objects are asked, with which rules, and how its outcomes are read. */

import type { Ports } from '../../platform/ports.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import type { AdaptiveRules } from '../adaptive/rules.ts'
import { breakerRules } from '../breaker/rules.ts'
import type { Call, Target } from '../call.ts'
import type { CanaryRules } from '../canary/part.ts'
import { bindFailureRules, isFailed, type TryResult } from '../classify.ts'
import { discoverRules } from '../discovery/rules.ts'
import { rulesOf } from '../ejection/rules.ts'
import { tellTargets } from '../health/local.ts'
import { healthRules } from '../health/rules.ts'
import { mirrorRules } from '../mirror/rules.ts'
import type { CallScope } from '../order.ts'
import { budgetRules } from '../retry/rules.ts'
import { UpstreamLink } from './link.ts'
import type { UpstreamSpec } from './messages.ts'
import type { PartName } from './parts.ts'

/** The link to one object. */
export interface PartLink {
  /** As it is now: a list that discovery brings changes it. */
  readonly spec: UpstreamSpec
  /** The isolate's link for this call. */
  of(call: Pick<Call, 'exchange'>): UpstreamLink
}

export interface BoundLink extends PartLink {
  /** Where parts have other scopes than the breaker, they have objects of their own, which hear the same. */
  readonly others: readonly PartLink[]
  isFailure(result: TryResult): boolean
  /** Calls that take longer count as slow; null where none do. */
  readonly slowMs: number | null
}

// More upstreams than a table sensibly has; each costs some hundred bytes and what was counted in 5 s.
const MAX_LINKS = 2_000

/** Null where the table asks for nothing that the fleet has to know. */
export function bindLink(scope: CallScope): BoundLink | null {
  const [main, ...others] = bindLinks(scope)
  if (main === undefined) return null
  const { breaker } = scope.options
  return {
    get spec() {
      return main.spec
    },
    of: (call) => main.of(call),
    others,
    isFailure: breaker?.failOn === undefined ? isFailed : bindFailureRules(breaker.failOn),
    slowMs: breaker?.slowCallMs ?? null,
  }
}

/** The link to the object that has this part; null where the table does not ask for it. */
export function bindPartLink(scope: CallScope, part: PartName): PartLink | null {
  return bindLinks(scope).find(({ spec }) => spec[part] !== undefined) ?? null
}

function bindLinks(scope: CallScope): readonly PartLink[] {
  const name = objectName(scope)
  const targetsOf = () => scope.roster?.targets ?? scope.targets
  return placedSpecs(scope).map(({ place }, index) => {
    let seen: readonly Target[] | null = null
    let spec: UpstreamSpec = {}
    function specNow(): UpstreamSpec {
      const targets = targetsOf()
      if (targets !== seen) {
        seen = targets
        spec = placedSpecs({ ...scope, targets })[index]?.spec ?? {}
      }
      return spec
    }
    let last: { object: string; memories: Ports['memories']; link: UpstreamLink } | null = null
    function linkOf({ exchange }: Pick<Call, 'exchange'>): UpstreamLink {
      const { memories } = exchange.ports
      const object = objectAt(name, place, exchange.client)
      // An isolate has one location and one set of memories: it looks once.
      if (last !== null && last.object === object && last.memories === memories) return last.link
      last = { object, memories, link: findLink(object, exchange.ports, exchange.startedAt) }
      return last.link
    }
    return {
      get spec() {
        return specNow()
      },
      of(call) {
        const link = linkOf(call)
        if (specNow().health !== undefined) tellTargets(link.locals.health, targetsOf())
        return link
      },
    }
  })
}

/** This isolate's link to an object. */
export function findLink(
  object: string,
  { memories, randomness }: Pick<Ports, 'memories' | 'randomness'>,
  now: number,
): UpstreamLink {
  const links = memories.of<UpstreamLink>('upstreams:links', MAX_LINKS)
  const known = links.get(object, now)
  if (known !== undefined) return known
  const link = new UpstreamLink(object, randomness.hex(8))
  links.set(object, link, Number.POSITIVE_INFINITY)
  return link
}

interface SpecSource {
  readonly options: UpstreamOptions
  /** How many there are is all that a part may ask. */
  readonly targets: readonly unknown[]
  /** What policies of the table ask of what the upstream can take. */
  readonly adaptive?: readonly AdaptiveRules[] | undefined
  /** The splits that have it as the new one. */
  readonly canary?: CanaryRules | undefined
}

/** Of which part of the world an object knows. */
export type Place = 'global' | 'continent' | 'colo'

export interface PlacedSpec {
  readonly place: Place
  readonly spec: UpstreamSpec
}

/** What the table says of the parts, by the object that has them: that of the breaker first. */
export function placedSpecs({
  options,
  targets,
  adaptive = [],
  canary = [],
}: SpecSource): readonly PlacedSpec[] {
  const { breaker, ejection, health, discover } = options
  const budget = budgetRules(options)
  const main = breaker?.scope ?? 'global'
  const mirror = mirrorRules(options.mirror)
  const placed: PlacedSpec[] = [
    {
      place: main,
      spec: {
        ...(breaker === undefined ? {} : { breaker: breakerRules(breaker) }),
        ...(budget === null ? {} : { budget }),
        ...(ejection === undefined ? {} : { ejection: rulesOf(ejection, targets.length) }),
        ...(adaptive.length === 0 ? {} : { adaptive: { rules: adaptive } }),
      },
    },
    {
      place: health?.scope ?? 'global',
      spec: health === undefined ? {} : { health: healthRules(health, options.headers) },
    },
    {
      place: 'global',
      spec: {
        ...(mirror === null ? {} : { mirror }),
        ...(canary.length === 0 ? {} : { canary }),
      },
    },
    {
      // Where a service runs is the same for all.
      place: 'global',
      spec: discover === undefined ? {} : { discovery: discoverRules(discover) },
    },
  ]
  const found = new Map<Place, UpstreamSpec>()
  for (const { place, spec } of placed) {
    if (Object.keys(spec).length > 0) found.set(place, { ...found.get(place), ...spec })
  }
  return [...found].map(([place, spec]) => ({ place, spec }))
}

/** An upstream written in its route has the route's name, which another upstream may have too. */
export function objectName({ name, pointer }: Pick<CallScope, 'name' | 'pointer'>): string {
  return pointer.startsWith('/routes/') ? `route:${name}` : name
}

/** With `scope: "colo"` each location has an object of its own, with `continent` each continent. */
export function objectAt(
  name: string,
  place: Place,
  client: { readonly colo: string | null; readonly continent: string | null },
): string {
  if (place === 'global') return name
  return `${name}@${(place === 'colo' ? client.colo : client.continent) ?? ''}`
}
