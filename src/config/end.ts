/** What a route ends in: one upstream, a weighted split of several, a redirect or an answer of its own. */
import { bindSplit } from '../calls/canary/split.ts'
import { bindAggregate } from '../upstreams/aggregate/aggregate.ts'
import type { AggregateOptions } from '../upstreams/aggregate/schema.ts'
import { bindBatch } from '../upstreams/batch/batch.ts'
import { bindBridge } from '../upstreams/bridge.ts'
import {
  type BoundUpstream,
  bindHttpUpstream,
  type UpstreamScope,
} from '../upstreams/http/upstream.ts'
import { bindRedirect } from '../upstreams/redirect/redirect.ts'
import { bindRespond } from '../upstreams/respond/respond.ts'
import type { Handler, Missing } from './plan.ts'
import type { RouteSpec, RouteTable } from './schema.ts'

/** An upstream of the table, and what it lacks: each route that uses it lacks the same. */
export interface NamedUpstream {
  readonly bound: BoundUpstream
  readonly missing: readonly Missing[]
}

export interface EndContext {
  readonly route: RouteSpec
  readonly defaults: NonNullable<RouteTable['defaults']>
  readonly upstreams: ReadonlyMap<string, NamedUpstream>
  readonly scope: UpstreamScope
  /** Where what the used upstreams lack is noted. */
  readonly missing: Missing[]
}

export function bindEnd(context: EndContext): Handler {
  const { route } = context
  if (route.redirect !== undefined) return bindRedirect(route.redirect)
  if (route.respond !== undefined) return bindRespond(route.respond)
  if (route.aggregate !== undefined) return bindCalls(route.aggregate, context)
  if (route.batch !== undefined) return bindBatch(route.batch)
  const { upstream } = route
  if (upstream === undefined) throw new Error(`route ${route.name} has no answer`)
  if (typeof upstream === 'string') return call(findUpstream(context, upstream), context)
  if (Array.isArray(upstream)) return bindShares(upstream, context)
  const { scope } = context
  const inline = { ...scope, pointer: `${scope.pointer}/upstream` }
  return call(bindHttpUpstream(route.name, upstream, inline), context)
}

type Share = { readonly upstream: string; readonly weight: number }

function bindShares(shares: readonly Share[], context: EndContext): Handler {
  const { route } = context
  const sides = shares.map(({ upstream, weight }) => {
    const bound = findUpstream(context, upstream)
    return { name: upstream, weight, handler: call(bound, context), link: bound.canaryLink }
  })
  return bindSplit({ route: route.name, sides, options: route.split ?? {} })
}

function bindCalls(options: AggregateOptions, context: EndContext): Handler {
  const { route, defaults, scope } = context
  // What an upstream lacks is noted once, however many calls it has.
  const found = new Map<string, BoundUpstream>()
  return bindAggregate(options, {
    ...scope,
    pointer: `${scope.pointer}/aggregate`,
    route: route.name,
    routeMs: route.timeoutMs ?? null,
    defaultMs: defaults.timeoutMs ?? null,
    find(name) {
      const bound = found.get(name) ?? findUpstream(context, name)
      found.set(name, bound)
      return bound
    },
  })
}

function findUpstream(context: EndContext, name: string): BoundUpstream {
  const found = context.upstreams.get(name)
  if (found === undefined) throw new Error(`upstream ${name} is not in the table`)
  context.missing.push(...found.missing)
  return found.bound
}

/** The nearest of route ▸ upstream ▸ defaults (ROUTES.md §4). */
function call(upstream: BoundUpstream, { route, defaults }: EndContext): Handler {
  return bindBridge(upstream, route, {
    routeMs: route.timeoutMs ?? null,
    defaultMs: defaults.timeoutMs ?? null,
  })
}
