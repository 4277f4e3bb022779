/** `query`: parameters of the query as it goes on to the service. */
import * as z from 'zod/mini'
import { described, map, text } from '../../schema/atoms.ts'
import { latePolicySchema } from '../../schema/policy.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { templateText } from '../../template/schema.ts'

const parameterName = text(z.minLength(1))

export const querySchema = withRule(
  latePolicySchema('query', {
    remove: described('Names of parameters to remove.', z.optional(z.array(parameterName))),
    rename: described(
      'Old name → new name; what stood under the new name is replaced.',
      z.optional(map(parameterName, parameterName)),
    ),
    set: described(
      'Name → value, a template; what stood there is replaced.',
      z.optional(map(templateText(), parameterName)),
    ),
    add: described(
      'Name → value, a template; added after what stands there.',
      z.optional(map(templateText(), parameterName)),
    ),
  }),
  (written, note) => needOneOf(written, note, ['set', 'add', 'rename', 'remove']),
)
export type QueryOptions = z.infer<typeof querySchema>
