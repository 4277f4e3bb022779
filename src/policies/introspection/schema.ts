/** `introspection`: tokens that only their server can read (RFC 7662). */
import * as z from 'zod/mini'
import { forwardSchema } from '../../identity/forward-schema.ts'
import { fromSchema } from '../../identity/from-schema.ts'
import { described, integer, secretRef, text } from '../../schema/atoms.ts'
import { guardSchema } from '../guard.ts'

const filled = text(z.minLength(1))
const oneOrMore = z.union([filled, z.array(filled).check(z.minLength(1))])

const httpUrl = text(
  z.regex(/^https?:\/\/[^\s/?#\\@]+(?:[/?][^\s#\\]*)?$/, {
    error: 'a URL such as "https://id.example.com/introspect"',
  }),
)

export const introspectionSchema = guardSchema('introspection', {
  url: described('The introspection endpoint of the authorization server.', httpUrl),
  clientId: described('As whom the gateway asks.', filled),
  clientSecret: described('The secret with which it asks.', secretRef),
  clientAuth: described(
    'How it proves that: in the Authorization field (`basic`, unless given) or in the form (`post`).',
    z.optional(z.enum(['basic', 'post'])),
  ),
  from: described(
    'Where the token stands; the first place that has one counts. The Authorization bearer unless given.',
    z.optional(fromSchema),
  ),
  issuer: described('The `iss` that the answer must have: one of these.', z.optional(oneOrMore)),
  audience: described('The `aud` that the answer must have: one of these.', z.optional(oneOrMore)),
  scopes: described(
    'The scopes that a token must have, all of them: 403 without.',
    z.optional(z.array(filled).check(z.minLength(1))),
  ),
  cacheSeconds: described(
    'How long an active token is taken without asking again, and so how late a revocation is noticed. 60 unless given, 0 asks each time; never beyond `exp`.',
    z.optional(integer(0, 86_400)),
  ),
  negativeCacheSeconds: described(
    'How long an inactive token is refused without asking again. 10 unless given.',
    z.optional(integer(0, 3_600)),
  ),
  timeoutMs: described(
    'How long an answer may take. 2000 unless given.',
    z.optional(integer(1, 60_000)),
  ),
  consumerClaim: described('What names the caller. `sub` unless given.', z.optional(filled)),
  rolesClaim: described('Where its roles stand. `roles` unless given.', z.optional(filled)),
  scopesClaim: described('Where its scopes stand. `scope` unless given.', z.optional(filled)),
  permissionsClaim: described(
    'Where its permissions stand. `permissions` unless given.',
    z.optional(filled),
  ),
  optional: described(
    'Lets a caller without token pass, anonymous. One with a bad token never passes.',
    z.optional(z.boolean()),
  ),
  passOn: described(
    'Whether the token goes on to the service. A header does unless this is false; query and cookie do not unless it is true.',
    z.optional(z.boolean()),
  ),
  forward: described('Claim → header field for the service.', z.optional(forwardSchema)),
})
export type IntrospectionOptions = z.infer<typeof introspectionSchema>
