/** `request-headers`: header fields of the request as it goes on to the service. */
import type * as z from 'zod/mini'
import { changesShape, needOneChange } from '../../schema/changes.ts'
import { editableHeaderName, headerMap } from '../../schema/header-names.ts'
import { withRule } from '../../schema/rule.ts'
import { templateHeaderValue } from '../../template/schema.ts'
import { latePolicySchema } from '../schema.ts'

export const requestHeadersSchema = withRule(
  latePolicySchema(
    'request-headers',
    changesShape({
      things: 'fields',
      name: editableHeaderName,
      renames: headerMap(editableHeaderName),
      values: headerMap(templateHeaderValue),
      valueIs: 'a template or `{ "secret": "NAME" }` with an optional `prefix`',
    }),
  ),
  needOneChange,
)
export type RequestHeadersOptions = z.infer<typeof requestHeadersSchema>
