/** `basic-auth`: users of the table itself, by name and password (RFC 7617). */
import * as z from 'zod/mini'
import { forwardSchema } from '../../identity/forward-schema.ts'
import { realm } from '../../identity/realm.ts'
import { described, map, object, secretRef, text } from '../../schema/atoms.ts'
import { guardSchema } from '../guard.ts'

const userName = text(
  z.regex(/^[^:\p{Cc}]+$/u, { error: 'a name without ":" and control characters (RFC 7617 §2)' }),
)

const user = object({
  password: described('The secret whose value is the password.', secretRef),
})

export const basicAuthSchema = guardSchema('basic-auth', {
  users: described(
    'Name → password. A name is the subject of its caller.',
    map(user, userName).check(
      z.refine((users) => Object.keys(users).length > 0, { error: 'expected at least one user' }),
    ),
  ),
  realm: described('What the challenge names. `api` unless given.', z.optional(realm)),
  optional: described(
    'Lets a caller without credentials pass, anonymous. One with wrong credentials never passes.',
    z.optional(z.boolean()),
  ),
  passOn: described(
    'Whether the Authorization field goes on to the service. It does not unless this is true.',
    z.optional(z.boolean()),
  ),
  forward: described(
    'Claim → header field for the service; the one claim is `sub`, the name.',
    z.optional(forwardSchema),
  ),
})
export type BasicAuthOptions = z.infer<typeof basicAuthSchema>
