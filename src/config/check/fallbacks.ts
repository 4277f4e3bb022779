/** Chains of `fallback` must end: one that comes back to its own upstream would ask for ever. */
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import { entriesOf } from '../entries.ts'
import type { Path } from '../json.ts'
import { type PlacedUpstream, placedUpstreams } from '../placed-upstreams.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused, warned } from './note.ts'

export function checkFallbacks(table: RouteTable): Problem[] {
  const upstreams = new Map(Object.entries(table.upstreams ?? {}))
  return placedUpstreams(table).flatMap((placed) => [
    ...cyclesFrom(placed, upstreams),
    ...bodiesOf(placed),
  ])
}

export function checkFallbackWarnings(table: RouteTable): Problem[] {
  const isCached = entriesOf(table).some(({ use, mode }) => use === 'cache' && mode !== 'off')
  return placedUpstreams(table).flatMap(({ options, path }) =>
    (options.fallback ?? []).flatMap((entry, at, all) => {
      const place = [...path, 'fallback', at]
      const problems: Problem[] = []
      if ('stale' in entry && !isCached) {
        const message = 'this entry is passed over: no policy of the table keeps answers (`cache`)'
        problems.push(warned([...place, 'stale'], 'FALLBACK_STALE_IGNORED', message))
      }
      if (all.slice(0, at).some((before) => 'respond' in before)) {
        const message = 'this entry is never reached: the fixed answer before it always answers'
        problems.push(warned(place, 'FALLBACK_UNREACHED', message))
      }
      return problems
    }),
  )
}

/** The ways out of an upstream, by name. */
function nextOf({ fallback = [] }: UpstreamOptions): readonly (readonly [number, string])[] {
  return fallback.flatMap((entry, at) =>
    'upstream' in entry ? [[at, entry.upstream] as const] : [],
  )
}

/** Each entry from which the upstream itself can be reached again closes a cycle, and is told at its own place. */
function cyclesFrom(
  { name, options, path }: PlacedUpstream,
  upstreams: ReadonlyMap<string, UpstreamOptions>,
): Problem[] {
  if (name === null) return []
  return nextOf(options).flatMap(([at, next]) => {
    const way = wayBack(next, name, upstreams)
    return way === null ? [] : [cycle([...path, 'fallback', at, 'upstream'], [name, ...way])]
  })
}

/** The names from one upstream to another, both included; null where there is no way. */
function wayBack(
  from: string,
  to: string,
  upstreams: ReadonlyMap<string, UpstreamOptions>,
): readonly string[] | null {
  const before = new Map<string, string | null>([[from, null]])
  // Grows by names that were not seen before: bounded by the table.
  for (const name of before.keys()) {
    if (name === to) return trace(name, before)
    const options = upstreams.get(name)
    if (options === undefined) continue
    for (const [, next] of nextOf(options)) if (!before.has(next)) before.set(next, name)
  }
  return null
}

function trace(last: string, before: ReadonlyMap<string, string | null>): readonly string[] {
  const way = [last]
  for (let name = before.get(last); name != null; name = before.get(name)) way.unshift(name)
  return way
}

function cycle(path: Path, way: readonly string[]): Problem {
  return refused(path, 'FALLBACK_CYCLE', `expected a chain that ends, found ${way.join(' → ')}`, {
    found: way.join(' → '),
    expected: 'a chain that ends',
  })
}

function bodiesOf({ options, path }: PlacedUpstream): Problem[] {
  return (options.fallback ?? []).flatMap((entry, at) => {
    if (!('respond' in entry)) return []
    if (entry.respond.body === undefined || entry.respond.json === undefined) return []
    const place = [...path, 'fallback', at, 'respond', 'json']
    return [
      refused(place, 'BODY_AMBIGUOUS', 'expected "body" or "json", found both', {
        found: 'both',
        expected: '"body" or "json"',
      }),
    ]
  })
}
