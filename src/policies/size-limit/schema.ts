/** `size-limit`: how large a request may be. */
import * as z from 'zod/mini'
import { bytes, described } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

export const sizeLimitSchema = withRule(
  policySchema('size-limit', {
    maxBodyBytes: described(
      'The largest body, as sent. Without Content-Length it is counted while it streams.',
      z.optional(bytes),
    ),
    maxHeaderBytes: described(
      'The largest header section: all names and values, with 4 bytes for each field.',
      z.optional(bytes),
    ),
    maxTargetBytes: described('The longest path with its query.', z.optional(bytes)),
  }),
  (written, note) => needOneOf(written, note, ['maxBodyBytes', 'maxHeaderBytes', 'maxTargetBytes']),
)
export type SizeLimitOptions = z.infer<typeof sizeLimitSchema>
