/** Finds the link of an upstream: which object is asked, with which rules, and how its outcomes are read. */

import type { Ports } from '../../platform/ports.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import { breakerRules } from '../breaker/rules.ts'
import type { Call } from '../call.ts'
import { bindFailureRules, isFailed, type TryResult } from '../classify.ts'
import { rulesOf } from '../ejection/rules.ts'
import type { CallScope } from '../order.ts'
import { budgetRules } from '../retry/rules.ts'
import { UpstreamLink } from './link.ts'
import type { UpstreamSpec } from './messages.ts'

export interface BoundLink {
  readonly spec: UpstreamSpec
  /** The isolate's link for this call. */
  of(call: Call): UpstreamLink
  isFailure(result: TryResult): boolean
  /** Calls that take longer count as slow; null where none do. */
  readonly slowMs: number | null
}

// More upstreams than a table sensibly has; each costs some hundred bytes and what was counted in 5 s.
const MAX_LINKS = 2_000

/** Null where the table asks for nothing that the fleet has to know. */
export function bindLink(scope: CallScope): BoundLink | null {
  const spec = specOf(scope)
  if (Object.keys(spec).length === 0) return null
  const { breaker } = scope.options
  const name = objectName(scope)
  const isPerColo = breaker?.scope === 'colo'
  let last: { object: string; memories: Ports['memories']; link: UpstreamLink } | null = null
  return {
    spec,
    isFailure: breaker?.failOn === undefined ? isFailed : bindFailureRules(breaker.failOn),
    slowMs: breaker?.slowCallMs ?? null,
    of({ exchange }) {
      const { memories } = exchange.ports
      const object = isPerColo ? objectNameAt(name, exchange.client.colo) : name
      // An isolate has one location and one set of memories: it looks once.
      if (last !== null && last.object === object && last.memories === memories) return last.link
      last = { object, memories, link: findLink(object, exchange.ports, exchange.startedAt) }
      return last.link
    },
  }
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
}

/** What the table says of the parts. */
export function specOf({ options, targets }: SpecSource): UpstreamSpec {
  const { breaker, ejection } = options
  const budget = budgetRules(options)
  return {
    ...(breaker === undefined ? {} : { breaker: breakerRules(breaker) }),
    ...(budget === null ? {} : { budget }),
    ...(ejection === undefined ? {} : { ejection: rulesOf(ejection, targets.length) }),
  }
}

/** An upstream written in its route has the route's name, which another upstream may have too. */
export function objectName({ name, pointer }: Pick<CallScope, 'name' | 'pointer'>): string {
  return pointer.startsWith('/routes/') ? `route:${name}` : name
}

/** With `scope: "colo"` each location has an object of its own. */
export function objectNameAt(name: string, colo: string | null): string {
  return `${name}@${colo ?? ''}`
}
