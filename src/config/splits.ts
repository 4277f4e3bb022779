/** The splits of a table that may leave their new upstream, by its name: its object judges them for the fleet. */
import type { CanaryRules } from '../calls/canary/part.ts'
import { rollbackRules } from '../calls/canary/rules.ts'
import type { RouteTable } from './schema.ts'

export function canariesOf({
  routes,
}: Pick<RouteTable, 'routes'>): ReadonlyMap<string, CanaryRules> {
  const found = new Map<string, CanaryRules>()
  for (const { name, split } of routes) {
    const rules = split === undefined ? null : rollbackRules(split)
    if (rules === null || split?.new === undefined) continue
    found.set(split.new, [...(found.get(split.new) ?? []), { route: name, ...rules }])
  }
  return found
}
