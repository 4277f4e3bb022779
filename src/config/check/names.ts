/** Names must tell things apart: route names in the table, policy names within a route. */
import { choosePolicies } from '../policies.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'

export function checkNames(table: RouteTable): Problem[] {
  return [...repeatedRoutes(table), ...repeatedPolicies(table)]
}

function repeatedRoutes(table: RouteTable): Problem[] {
  const first = new Map<string, number>()
  return table.routes.flatMap(({ name }, index) => {
    const before = first.get(name)
    if (before === undefined) {
      first.set(name, index)
      return []
    }
    const message = `expected a name of its own, found "${name}", which is the name of /routes/${before}`
    return [
      refused(['routes', index, 'name'], 'ROUTE_NAME_DUPLICATE', message, {
        found: JSON.stringify(name),
        expected: 'a name of its own',
      }),
    ]
  })
}

function repeatedPolicies(table: RouteTable): Problem[] {
  // A set that many routes use is told once.
  const found = new Map<string, Problem>()
  for (const [index, route] of table.routes.entries()) {
    const pointers = new Map<string, string>()
    for (const { name, pointer } of choosePolicies(table, route, index)) {
      const before = pointers.get(name)
      if (before === undefined) pointers.set(name, pointer)
      else if (!found.has(pointer)) found.set(pointer, repeated(name, pointer, before, route.name))
    }
  }
  return [...found.values()]
}

function repeated(name: string, pointer: string, before: string, route: string): Problem {
  return {
    pointer: `${pointer}/name`,
    code: 'POLICY_NAME_DUPLICATE',
    message: `expected a name of its own on route "${route}", found "${name}", which is the name of ${before}`,
    found: JSON.stringify(name),
    expected: 'a name of its own',
    severity: 'form',
  }
}
