/** `request-headers`: header fields of the request as it goes on to the service. */
import * as z from 'zod/mini'
import { described, map } from '../../schema/atoms.ts'
import { editableHeaderName } from '../../schema/header-names.ts'
import { latePolicySchema } from '../../schema/policy.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { templateHeaderValue } from '../../template/schema.ts'

export const requestHeadersSchema = withRule(
  latePolicySchema('request-headers', {
    remove: described('Names of fields to remove.', z.optional(z.array(editableHeaderName))),
    rename: described(
      'Old name → new name; what stood under the new name is replaced.',
      z.optional(map(editableHeaderName, editableHeaderName)),
    ),
    set: described(
      'Name → value; what stood there is replaced. A value is a template, or `{ "secret": "NAME" }` with an optional `prefix`.',
      z.optional(map(templateHeaderValue, editableHeaderName)),
    ),
    add: described(
      'Name → value, added to what stands there. A value is a template, or `{ "secret": "NAME" }` with an optional `prefix`.',
      z.optional(map(templateHeaderValue, editableHeaderName)),
    ),
  }),
  (written, note) => needOneOf(written, note, ['set', 'add', 'rename', 'remove']),
)
export type RequestHeadersOptions = z.infer<typeof requestHeadersSchema>
