/** `response-headers`: header fields of every answer of the route, problems included. */
import type * as z from 'zod/mini'
import { changesShape, needOneChange } from '../../schema/changes.ts'
import { editableHeaderName, headerMap } from '../../schema/header-names.ts'
import { withRule } from '../../schema/rule.ts'
import { templateFieldText } from '../../template/schema.ts'
import { policySchema } from '../schema.ts'

export const responseHeadersSchema = withRule(
  policySchema(
    'response-headers',
    changesShape({
      things: 'fields',
      name: editableHeaderName,
      renames: headerMap(editableHeaderName),
      values: headerMap(templateFieldText),
      valueIs: 'a template',
    }),
  ),
  needOneChange,
)
export type ResponseHeadersOptions = z.infer<typeof responseHeadersSchema>
