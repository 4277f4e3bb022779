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
    const places = alternativesOf(route.match).map(({ spec }) => placeOf(spec))
    const key = matchKey(places)
    const twin = identical.get(key)
    if (twin === undefined) identical.set(key, index)
    const takers = takersOf(places, cells)
    take(places, index, cells)
    if (takers === null) return []
    const names = [...takers].map((taker) => `"${table.routes[taker]!.name}"`).join(', ')
    const witness = witnessOf(alternativesOf(route.match)[0]!.spec)
    const more = witness === null ? {} : { witness }
    const path = ['routes', index, 'match']
    if (twin !== undefined) {
      const name = table.routes[twin]!.name
      const message = `this match is the same as that of route "${name}", which is earlier and wins`
      return [warned(path, 'ROUTE_DUPLICATE', message, more)]
    }
    const message = `this route can never win: every request that it matches goes to an earlier route, ${names}`
    return [warned(path, 'ROUTE_SHADOWED', message, more)]
  })
}

/** The cells of a match, with its conditions, and the methods that it takes there. */
interface Place {
  readonly keys: readonly string[]
  readonly methods: readonly string[]
}

function placeOf(spec: MatchSpec): Place {
  const place = `${shapeKey(shapeOf(spec))}\n${conditionsKey(spec)}`
  return { keys: hostsOf(spec).map((host) => `${host}\n${place}`), methods: methodsOf(spec) }
}

/** `GET` also answers `HEAD` (ROUTES.md §2). */
function methodsOf({ methods }: MatchSpec): readonly string[] {
  if (methods === undefined) return ['*']
  return methods.includes('GET') ? [...new Set([...methods, 'HEAD'])] : methods
}

/** The earlier routes that together take all of the matches, or null where something is left. */
function takersOf(
  places: readonly Place[],
  cells: ReadonlyMap<string, Takers>,
): ReadonlySet<number> | null {
  const found = new Set<number>()
  for (const { keys, methods } of places) {
    for (const key of keys) {
      const takers = cells.get(key)
      for (const method of methods) {
        const taker = takers?.get(method)
        if (taker === undefined) return null
        found.add(taker)
      }
    }
  }
  return found
}

function take(places: readonly Place[], index: number, cells: Map<string, Takers>) {
  for (const { keys, methods } of places) {
    for (const key of keys) {
      const takers: Takers = cells.get(key) ?? new Map()
      for (const method of methods) if (!takers.has(method)) takers.set(method, index)
      cells.set(key, takers)
    }
  }
}

function matchKey(places: readonly Place[]): string {
  const keys = places.flatMap((place) => {
    const methods = [...place.methods].sort().join()
    return place.keys.map((key) => `${key}\n${methods}`)
  })
  return keys.length === 1 ? keys[0]! : [...new Set(keys)].sort().join('\n\n')
}
