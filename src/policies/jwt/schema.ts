/** `jwt`: whose tokens are taken, and what of them becomes the caller. */
import * as z from 'zod/mini'
import { hmacAlgorithms, publicKeyAlgorithms } from '../../identity/algorithms.ts'
import { forwardSchema } from '../../identity/forward-schema.ts'
import { fromSchema } from '../../identity/from-schema.ts'
import { isPublicKey } from '../../identity/key-sets.ts'
import { bodyCondition } from '../../match/schema.ts'
import { described, integer, map, object, secretRef, text } from '../../schema/atoms.ts'
import { withRule } from '../../schema/rule.ts'
import { guardSchema } from '../guard.ts'
import { presetSchema } from './preset-schema.ts'
import { algorithmsOfPublicKey } from './public-key.ts'
import { checkJwt } from './rules.ts'

const filled = text(z.minLength(1))
const oneOrMore = <T extends z.ZodMiniType<string>>(one: T) =>
  z.union([one, z.array(one).check(z.minLength(1))])

const httpUrl = text(
  z.regex(/^https?:\/\/[^\s/?#\\@]+(?:[/?][^\s#\\]*)?$/, {
    error: 'a URL such as "https://id.example.com/keys"',
  }),
)

/** Claims are named, or pointed at where they stand within others. */
const claimName = text(
  z.regex(/^(?:[^/].*|(?:\/(?:[^~/]|~[01])*)+)$/, {
    error: 'the name of a claim, or a JSON Pointer such as "/realm_access/roles" (RFC 6901)',
  }),
)

const jwk = z.record(z.string(), z.unknown()).check(
  z.refine((key) => isPublicKey(key) && typeof key.kty === 'string', {
    error: 'expected a public key: a secret belongs in `secret`, and a private key to the issuer',
  }),
)

const publicKey = text(
  z.refine((pem: string) => algorithmsOfPublicKey(pem) !== null, {
    error:
      'expected a public key in PEM: "-----BEGIN PUBLIC KEY-----", of RSA, P-256, P-384, P-521 or Ed25519',
  }) as z.core.$ZodCheck<string>,
)

// More would make `exp` mean little.
const MAX_TOLERANCE_SECONDS = 600

export const jwtSchema = withRule(
  guardSchema('jwt', {
    issuer: described(
      'Who makes the tokens: the exact `iss`, or a list. Without a source of keys it is the URL of an OpenID provider, and its metadata says where the keys are.',
      z.optional(oneOrMore(filled)),
    ),
    preset: described(
      'An identity provider whose issuer, keys, algorithms and places of claims are known, in the place of `issuer` and of a source of keys.',
      z.optional(presetSchema),
    ),
    audience: described(
      'The `aud` that a token must have: one of these. Not looked at unless given.',
      z.optional(oneOrMore(filled)),
    ),
    algorithms: described(
      'The signature algorithms that are taken. All of the kind of the key unless given: never HMAC beside a public key.',
      z.optional(
        z.array(z.enum([...publicKeyAlgorithms, ...hmacAlgorithms])).check(z.minLength(1)),
      ),
    ),
    jwksUrl: described('Where the keys are, as a JWK set (RFC 7517).', z.optional(httpUrl)),
    jwks: described(
      'The keys themselves: a JWK set of public keys.',
      z.optional(object({ keys: described('The keys.', z.array(jwk).check(z.minLength(1))) })),
    ),
    secret: described(
      'The secret with which HMAC tokens are signed, at least as long as the hash: 32 bytes for HS256.',
      z.optional(secretRef),
    ),
    publicKey: described(
      'The one public key, as PEM of its SubjectPublicKeyInfo.',
      z.optional(publicKey),
    ),
    from: described(
      'Where the token stands: the bearer token of Authorization unless given.',
      z.optional(fromSchema),
    ),
    typ: described(
      'The `typ` that the header of a token must have, such as `at+jwt` (RFC 9068). Not looked at unless given.',
      z.optional(filled),
    ),
    clockToleranceSeconds: described(
      'How far the clocks of issuer and gateway may differ where `exp`, `nbf` and `iat` are read. 0 unless given.',
      z.optional(integer(0, MAX_TOLERANCE_SECONDS)),
    ),
    requiredClaims: described(
      'Conditions on claims by name or JSON Pointer; all must hold. Of a claim that is a list one member is enough.',
      z.optional(map(bodyCondition, claimName)),
    ),
    optional: described(
      'Lets a caller without token pass, anonymous. One with a bad token never passes.',
      z.optional(z.boolean()),
    ),
    forward: described(
      'Claim → header field for the service. Inbound fields of these names are removed in the whole table.',
      z.optional(forwardSchema),
    ),
    passOn: described(
      'Whether the token goes on to the service. Unless given, one from a header does, one from query or cookie does not.',
      z.optional(z.boolean()),
    ),
    consumerClaim: described(
      'The claim that names the caller: `sub` unless given.',
      z.optional(claimName),
    ),
    rolesClaim: described(
      'The claim that has the roles: `roles` unless given.',
      z.optional(claimName),
    ),
    scopesClaim: described(
      'The claim that has the scopes: `scope`, else `scp`, unless given.',
      z.optional(claimName),
    ),
    permissionsClaim: described(
      'The claim that has the permissions: `permissions` unless given.',
      z.optional(claimName),
    ),
  }),
  checkJwt,
)
export type JwtOptions = z.infer<typeof jwtSchema>
