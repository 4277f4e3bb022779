/** What every entry of `policies` takes, whatever its `use` (ROUTES.md §1). */
import * as z from 'zod/mini'
import { matchSchema } from '../match/schema.ts'
import { described, name, object } from '../schema/atoms.ts'

/** The schema of one policy: the keys that all have, and its own. */
export function policySchema<Use extends string, Shape extends z.core.$ZodLooseShape>(
  use: Use,
  shape: Shape,
) {
  return object({
    use: described('Which policy this is.', z.literal(use)),
    mode: described(
      '`enforce` (default), `shadow` (decide and log, but let pass and change nothing) or `off`.',
      z.optional(z.enum(['enforce', 'shadow', 'off'])),
    ),
    name: described(
      'Its name in logs and in `skip`; `<use>-<n>`, counted in the route, unless given.',
      z.optional(name),
    ),
    when: described(
      'A match, read on the request as received, that must hold for the policy to run.',
      z.optional(matchSchema),
    ),
    ...shape,
  })
}
