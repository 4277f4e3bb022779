/**
 * Routes that no request can reach: an earlier one takes all of it. In a cell (host and path) a match without
 * methods loses to one with methods, more conditions beat fewer, and the earlier wins a tie: so only an earlier
 * match of the same conditions can take everything.
 */
import type { MatchSpec } from '../../match/schema.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { alternativesOf } from './alternatives.ts'
import { conditionsKey, hostsOf, shapeKey, shapeOf } from './cells.ts'
import { warned } from './note.ts'
import { witnessOf } from './witness.ts'

/** By method (`*` where none is listed), the route that takes it. */
type Takers = Map<string, number>

export function checkShadows(table: RouteTable): Problem[] {
  const cells = new Map<string, Takers>()
  const identical = new Map<string, number>()
  return table.routes.flatMap((route, index) => {
    const specs = alternativesOf(route.match).map(({ spec }) => spec)
    const key = matchKey(specs)
    const twin = identical.get(key)
    if (twin === undefined) identical.set(key, index)
    const takers = takersOf(specs, cells)
    for (const spec of specs) take(spec, index, cells)
    const witness = witnessOf(specs[0]!)
    const more = witness === null ? {} : { witness }
    if (twin !== undefined) {
      const name = table.routes[twin]!.name
      const message = `this match is the same as that of route "${name}", which is earlier and wins`
      return [warned(['routes', index, 'match'], 'ROUTE_DUPLICATE', message, more)]
    }
    if (takers === null) return []
    const names = [...takers].map((taker) => `"${table.routes[taker]!.name}"`).join(', ')
    const message = `this route can never win: every request that it matches goes to an earlier route, ${names}`
    return [warned(['routes', index, 'match'], 'ROUTE_SHADOWED', message, more)]
  })
}

/** The earlier routes that together take all of the matches, or null where something is left. */
function takersOf(
  specs: readonly MatchSpec[],
  cells: ReadonlyMap<string, Takers>,
): ReadonlySet<number> | null {
  const found = new Set<number>()
  for (const spec of specs) {
    for (const key of cellKeys(spec)) {
      for (const method of methodsOf(spec)) {
        const taker = cells.get(key)?.get(method)
        if (taker === undefined) return null
        found.add(taker)
      }
    }
  }
  return found
}

function take(spec: MatchSpec, index: number, cells: Map<string, Takers>) {
  for (const key of cellKeys(spec)) {
    const takers = cells.get(key) ?? new Map<string, number>()
    for (const method of methodsOf(spec)) if (!takers.has(method)) takers.set(method, index)
    cells.set(key, takers)
  }
}

function cellKeys(spec: MatchSpec): string[] {
  const place = `${shapeKey(shapeOf(spec))}\n${conditionsKey(spec)}`
  return hostsOf(spec).map((host) => `${host}\n${place}`)
}

/** `GET` also answers `HEAD` (ROUTES.md §2). */
function methodsOf({ methods }: MatchSpec): readonly string[] {
  if (methods === undefined) return ['*']
  return methods.includes('GET') ? [...new Set([...methods, 'HEAD'])] : methods
}

function matchKey(specs: readonly MatchSpec[]): string {
  const keys = specs.flatMap((spec) =>
    cellKeys(spec).map((key) => `${key}\n${[...methodsOf(spec)].sort().join()}`),
  )
  return [...new Set(keys)].sort().join('\n\n')
}
