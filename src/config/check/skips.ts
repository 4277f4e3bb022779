/** `skip` must name something of the defaults: a misspelled one would leave the policy in force unseen. */
import { suggestion } from '../../schema/nearest.ts'
import { policySet } from '../policies.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'

export function checkSkips(table: RouteTable): Problem[] {
  const known = namesOfDefaults(table)
  return table.routes.flatMap((route, index) =>
    (route.skip ?? []).flatMap((name, at) => {
      if (known.has(name)) return []
      const listed =
        known.size === 0 ? 'the defaults have no policies' : `there are ${[...known].join(', ')}`
      const message = `expected the \`use\` or name of a policy of the defaults, found "${name}"`
      return [
        refused(
          ['routes', index, 'skip', at],
          'SKIP_UNKNOWN',
          `${message}${suggestion(name, known) || `; ${listed}`}`,
          {
            found: JSON.stringify(name),
            expected: 'the `use` or name of a policy of the defaults',
          },
        ),
      ]
    }),
  )
}

function namesOfDefaults(table: RouteTable): ReadonlySet<string> {
  const entries = (table.defaults?.policies ?? []).flatMap((item) =>
    typeof item === 'string' ? policySet(table, item) : [item],
  )
  return new Set(entries.flatMap(({ use, name }) => (name === undefined ? [use] : [use, name])))
}
