/** Every policy that stands in a table, with its place: in defaults, sets and routes, and within others. */

import type { PolicyEntry } from '../../policies/registry.ts'
import type { Path } from '../json.ts'
import type { RouteTable } from '../schema.ts'

export interface PlacedEntry {
  readonly entry: PolicyEntry
  readonly path: Path
}

export function placedEntries(table: RouteTable): readonly PlacedEntry[] {
  const sets = Object.entries(table.policySets ?? {})
  return [
    ...listed(table.defaults?.policies, ['defaults', 'policies']),
    ...sets.flatMap(([name, list]) => listed(list, ['policySets', name])),
    ...table.routes.flatMap(({ policies }, index) =>
      listed(policies, ['routes', index, 'policies']),
    ),
  ]
}

function listed(list: readonly (string | PolicyEntry)[] | undefined, path: Path): PlacedEntry[] {
  return (list ?? []).flatMap((entry, at) =>
    typeof entry === 'string' ? [] : withInner(entry, [...path, at]),
  )
}

function withInner(entry: PolicyEntry, path: Path): PlacedEntry[] {
  const inner = 'policies' in entry ? (entry.policies as readonly PolicyEntry[]) : []
  return [{ entry, path }, ...listed(inner, [...path, 'policies'])]
}
