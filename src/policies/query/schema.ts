/** `query`: parameters of the query as it goes on to the service. */
import * as z from 'zod/mini'
import { map, text } from '../../schema/atoms.ts'
import { changesShape, needOneChange } from '../../schema/changes.ts'
import { withRule } from '../../schema/rule.ts'
import { templateText } from '../../template/schema.ts'
import { latePolicySchema } from '../schema.ts'

const parameterName = text(z.minLength(1))

export const querySchema = withRule(
  latePolicySchema(
    'query',
    changesShape({
      things: 'parameters',
      name: parameterName,
      renames: map(parameterName, parameterName),
      values: map(templateText(), parameterName),
      valueIs: 'a template',
    }),
  ),
  needOneChange,
)
export type QueryOptions = z.infer<typeof querySchema>
