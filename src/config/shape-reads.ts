/**
 * What the stage `shape` of a route, its split and its upstream's `headers` read of a request: a stored answer is only
 * for requests that are alike in it (ROUTES.md §5, `cache`).
 */

import type { SplitOptions } from '../calls/canary/schema.ts'
import { bindWhen } from '../match/when.ts'
import { bindCaller } from '../pipeline/caller.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { attributesOfKeyPart } from '../policies/limit-key-parts.ts'
import { registry } from '../policies/registry.ts'
import { attributesOf } from '../template/parse.ts'
import { readAttribute } from '../template/vocabulary.ts'
import { planAggregate } from '../upstreams/aggregate/plan/plan.ts'
import { attributesOfBridge } from '../upstreams/bridge.ts'
import { definitionOf } from './entries.ts'
import type { ChosenPolicy } from './policies.ts'
import type { RouteSpec, RouteTable } from './schema.ts'

type Read = (exchange: Exchange) => string

/** Different for each request, and nothing that an answer is chosen by: with them in a key there were no hits. */
const unread = new Set(['request.id', 'now.seconds', 'route.name', 'request.method'])

/** None where the route has no cache. */
export function shapeReadsOf(
  table: RouteTable,
  route: RouteSpec,
  chosen: readonly ChosenPolicy[],
): readonly Read[] {
  if (!chosen.some(({ entry }) => entry.use === 'cache')) return []
  const shaping = chosen.filter(({ entry }) => registry[entry.use].stage === 'shape')
  const own = shaping.flatMap(({ entry }) => definitionOf(entry).reads?.(entry) ?? [])
  const sticky = route.split?.sticky?.hash.flatMap(attributesOfKeyPart) ?? []
  const all = new Set([
    ...own.filter((read) => typeof read === 'string'),
    ...namesOfUpstreams(table, route),
    ...sticky,
    ...namesOfCalls(route),
    ...attributesOfBridge(route),
  ])
  const reads: Read[] = [
    ...own.filter((read) => typeof read === 'function'),
    ...readsOfSplit(route.split),
  ]
  for (const name of all) {
    const read = unread.has(name) ? null : readAttribute(name)
    if (read !== null) reads.push(read)
  }
  for (const { entry } of shaping) if (entry.when !== undefined) reads.push(bindHolds(entry.when))
  for (const { when } of Object.values(route.aggregate?.calls ?? {})) {
    if (typeof when === 'object') reads.push(bindHolds(when))
  }
  return reads
}

/** What the calls of an aggregate, and its answer, are made of. */
function namesOfCalls({ aggregate }: RouteSpec): readonly string[] {
  if (aggregate === undefined) return []
  const planned = planAggregate(aggregate)
  const { attributes } = planned.kind === 'plan' ? planned.plan : planned
  return attributes.map(({ name }) => name)
}

/** The value that names an upstream; all others come to none. */
function readsOfSplit(split: SplitOptions | undefined): readonly Read[] {
  if (split?.header === undefined) return []
  const field = split.header.name.toLowerCase()
  const values = new Set(Object.keys(split.header.values))
  return [
    ({ received }) => {
      const value = received[field] ?? ''
      return values.has(value) ? value : ''
    },
  ]
}

type WhenSpec = NonNullable<ChosenPolicy['entry']['when']>

/** Whether a policy of the stage runs: it makes two kinds of answers, whatever it looks at. */
function bindHolds(when: WhenSpec): Read {
  const { consumer, body: _, bodyLimitBytes: __, ...rest } = when
  const holds = bindWhen(rest)
  const caller = consumer === undefined ? null : bindCaller(consumer)
  return (exchange) =>
    holds(exchange.subject) && (caller === null || caller(exchange.identity)) ? 'runs' : ''
}

function namesOfUpstreams({ upstreams = {} }: RouteTable, route: RouteSpec): readonly string[] {
  const { upstream } = route
  const called = Object.values(route.aggregate?.calls ?? {}).map((call) => call.upstream)
  const used =
    upstream === undefined
      ? called.map((name) => upstreams[name])
      : typeof upstream === 'string'
        ? [upstreams[upstream]]
        : Array.isArray(upstream)
          ? upstream.map((share) => upstreams[share.upstream])
          : [upstream]
  return used.flatMap((options) =>
    Object.values(options?.headers ?? {}).flatMap((value) =>
      typeof value === 'string' ? attributesOf(value) : [],
    ),
  )
}
