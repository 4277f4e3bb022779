/** `ip-filter`: from which addresses a route may be called. */
import * as z from 'zod/mini'
import { described } from '../../schema/atoms.ts'
import { cidr } from '../../schema/client.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

export const ipFilterSchema = withRule(
  policySchema('ip-filter', {
    allow: described(
      'Only these addresses may call: IPv4 and IPv6, single or as CIDR.',
      z.optional(z.array(cidr).check(z.minLength(1))),
    ),
    deny: described(
      'These addresses may not call, even if `allow` names them.',
      z.optional(z.array(cidr).check(z.minLength(1))),
    ),
  }),
  (written, note) => needOneOf(written, note, ['allow', 'deny']),
)
export type IpFilterOptions = z.infer<typeof ipFilterSchema>
