/**
 * What every identity and permission policy takes (ROUTES.md §1): as other policies, but its `when` reads only
 * hosts, path, methods and client, so that nothing a client writes freely can switch it off.
 */
import * as z from 'zod/mini'
import { matchShape } from '../match/schema.ts'
import { described, object } from '../schema/atoms.ts'
import { noConsumer, policySchema } from './schema.ts'

const { hosts, path, methods, client } = matchShape

const guardWhen = object({ hosts, path, methods, client, consumer: noConsumer })

/** The schema of one identity or permission policy: the keys that all have, and its own. */
export function guardSchema<Use extends string, Shape extends z.core.$ZodLooseShape>(
  use: Use,
  shape: Shape,
) {
  return policySchema(use, {
    when: described(
      'Hosts, path, methods or client that must hold for the policy to run; headers, query and body cannot switch it off.',
      z.optional(guardWhen),
    ),
    ...shape,
  })
}
