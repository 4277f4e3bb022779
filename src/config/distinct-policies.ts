/** Every policy that routes run, once: what stands in defaults or a set is one, whichever routes share it. */
import { type ChosenPolicy, choosePolicies } from './policies.ts'
import type { RouteTable } from './schema.ts'

export interface DistinctPolicy extends ChosenPolicy {
  /** The names of the routes that run it. */
  readonly routes: readonly string[]
}

/** In the order of the table; those that are off left out. */
export function distinctPolicies(table: RouteTable): readonly DistinctPolicy[] {
  const byId = new Map<string, ChosenPolicy & { readonly routes: string[] }>()
  for (const [index, route] of table.routes.entries()) {
    for (const policy of choosePolicies(table, route, index)) {
      const known = byId.get(policy.id)
      if (known === undefined) byId.set(policy.id, { ...policy, routes: [route.name] })
      else known.routes.push(route.name)
    }
  }
  return [...byId.values()]
}
