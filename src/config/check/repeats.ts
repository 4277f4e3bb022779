/** Of a `one` the last wins whole: an earlier one in the same list never runs, and was probably meant to. */
import { type PolicyEntry, registry } from '../../policies/registry.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { warned } from './note.ts'

export function checkRepeats(table: RouteTable): Problem[] {
  const sets = Object.entries(table.policySets ?? {}).flatMap(([name, list]) =>
    repeatsIn(list, ['policySets', name]),
  )
  const routes = table.routes.flatMap(({ policies }, index) =>
    repeatsIn(policies ?? [], ['routes', index, 'policies']),
  )
  return [
    ...repeatsIn(table.defaults?.policies ?? [], ['defaults', 'policies']),
    ...sets,
    ...routes,
  ]
}

function repeatsIn(list: readonly (string | PolicyEntry)[], path: Path): Problem[] {
  const last = new Map<string, number>()
  for (const [at, entry] of list.entries()) if (typeof entry !== 'string') last.set(entry.use, at)
  return list.flatMap((entry, at) => {
    if (typeof entry === 'string' || registry[entry.use].arity === 'many') return []
    const winner = last.get(entry.use)!
    if (winner === at) return []
    const message = `this "${entry.use}" never runs: of several the last wins, which is entry ${winner} of the list`
    return [warned([...path, at], 'POLICY_REPEATED', message)]
  })
}
