/** `response-headers`: header fields of every answer of the route, problems included. */
import * as z from 'zod/mini'
import { described } from '../../schema/atoms.ts'
import { editableHeaderName, headerMap } from '../../schema/header-names.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { templateFieldText } from '../../template/schema.ts'
import { policySchema } from '../schema.ts'

export const responseHeadersSchema = withRule(
  policySchema('response-headers', {
    remove: described('Names of fields to remove.', z.optional(z.array(editableHeaderName))),
    rename: described(
      'Old name → new name; what stood under the new name is replaced.',
      z.optional(headerMap(editableHeaderName)),
    ),
    set: described(
      'Name → value, a template; what stood there is replaced.',
      z.optional(headerMap(templateFieldText)),
    ),
    add: described(
      'Name → value, a template; added beside what stands there.',
      z.optional(headerMap(templateFieldText)),
    ),
  }),
  (written, note) => needOneOf(written, note, ['set', 'add', 'rename', 'remove']),
)
export type ResponseHeadersOptions = z.infer<typeof responseHeadersSchema>
