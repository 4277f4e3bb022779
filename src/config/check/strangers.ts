/** Routes that ask for a permission and know nobody: everyone is refused there. */
import { registry } from '../../policies/registry.ts'
import { choosePolicies } from '../policies.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { warned } from './note.ts'

export function checkStrangers(table: RouteTable): Problem[] {
  return table.routes.flatMap((route, index) => {
    const stages = choosePolicies(table, route, index).map(({ entry }) => registry[entry.use].stage)
    if (!stages.includes('permit') || stages.includes('identify')) return []
    const message = `expected an identity policy on route "${route.name}", found none: its \`authorize\` lets nobody pass`
    return [warned(['routes', index], 'IDENTITY_MISSING', message)]
  })
}
