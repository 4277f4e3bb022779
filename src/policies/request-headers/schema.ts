/** `request-headers`: header fields of the request as it goes on to the service. */
import * as z from 'zod/mini'
import { described } from '../../schema/atoms.ts'
import { editableHeaderName, headerMap } from '../../schema/header-names.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { templateHeaderValue } from '../../template/schema.ts'
import { policySchema } from '../schema.ts'

export const requestHeadersSchema = withRule(
  policySchema('request-headers', {
    remove: described('Names of fields to remove.', z.optional(z.array(editableHeaderName))),
    rename: described(
      'Old name → new name; what stood under the new name is replaced.',
      z.optional(headerMap(editableHeaderName)),
    ),
    set: described(
      'Name → value; what stood there is replaced. A value is a template, or `{ "secret": "NAME" }` with an optional `prefix`.',
      z.optional(headerMap(templateHeaderValue)),
    ),
    add: described(
      'Name → value, added to what stands there. A value is a template, or `{ "secret": "NAME" }` with an optional `prefix`.',
      z.optional(headerMap(templateHeaderValue)),
    ),
  }),
  (written, note) => needOneOf(written, note, ['set', 'add', 'rename', 'remove']),
)
export type RequestHeadersOptions = z.infer<typeof requestHeadersSchema>
