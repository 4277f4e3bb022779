/** Policies written on a route whose answer never looks at what they change. */
import { choosePolicies } from '../policies.ts'
import type { Problem } from '../problem.ts'
import type { RouteSpec, RouteTable } from '../schema.ts'

/** What goes on is not sent by these answers: calls and inner requests are made from the request as received. */
const without: Readonly<Record<'aggregate' | 'batch', readonly string[]>> = {
  aggregate: ['rewrite', 'query', 'transform-request'],
  batch: ['rewrite', 'query'],
}

/** Those of defaults and sets are for other routes as well: only a route's own are told. */
export function checkEffects(table: RouteTable): Problem[] {
  return table.routes.flatMap((route, index) => {
    const answer = answerOf(route)
    if (answer === null) return []
    const own = `/routes/${index}/`
    return choosePolicies(table, route, index).flatMap(({ entry, pointer }): Problem[] => {
      if (!pointer.startsWith(own) || !without[answer].includes(entry.use)) return []
      const message = `${entry.use} changes what goes on to an upstream, and "${answer}" of route "${route.name}" sends nothing of it on`
      return [{ pointer, code: 'POLICY_WITHOUT_EFFECT', message, severity: 'warning' }]
    })
  })
}

function answerOf(route: RouteSpec): keyof typeof without | null {
  if (route.aggregate !== undefined) return 'aggregate'
  return route.batch === undefined ? null : 'batch'
}
