/** `auth` of an upstream: how the gateway proves to the service who it is, and for whom it asks (ROUTES.md §4). */
import * as z from 'zod/mini'
import { framingNames } from '../../http/stripped.ts'
import {
  described,
  headerName,
  integer,
  object,
  type SecretRef,
  secretRef,
  text,
} from '../../schema/atoms.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'

const filled = text(z.regex(/./, { error: 'text that is not empty' }))

/** Claims that the gateway itself makes: none of the caller's may stand in their place. */
const ownClaims: ReadonlySet<unknown> = new Set([
  'iss',
  'aud',
  'sub',
  'act',
  'iat',
  'exp',
  'nbf',
  'jti',
  'consumer',
  'plan',
  'roles',
  'scopes',
])

const signSchema = withRule(
  object({
    issuer: described(
      'The issuer of the token (`iss`): the name by which services know this gateway.',
      filled,
    ),
    audience: described('Whom the token is for (`aud`).', filled),
    key: described(
      'The private key that signs: PKCS #8 as PEM, or a JWK; Ed25519 signs with EdDSA, P-256 with ES256. The secret `SIGNING_KEY` unless given.',
      z.optional(secretRef),
    ),
    nextKey: described(
      'A key that is published and does not sign: the next one, or the one before.',
      z.optional(secretRef),
    ),
    ttlSeconds: described(
      'How long a token is valid. 60 unless given; a token is used again until half of it.',
      z.optional(integer(5, 3600)), // A longer one is a password.
    ),
    header: described(
      'The header field of the token. `Authorization`, with `Bearer`, unless given; any other has the bare token.',
      z.optional(headerName),
    ),
    claims: described(
      'Claims of the caller to carry in the token, by name.',
      z.optional(z.array(filled)),
    ),
  }),
  ({ header, claims }, note) => {
    if (typeof header === 'string' && framingNames.has(header.toLowerCase())) {
      note(['header'], 'expected a field that does not frame the message')
    }
    for (const [index, claim] of (Array.isArray(claims) ? claims : []).entries()) {
      if (ownClaims.has(claim))
        note(['claims', index], 'expected a claim that the gateway does not make')
    }
  },
)

const component = text(
  z.regex(
    /^(?:@(?:method|authority|scheme|target-uri|request-target|path|query)|[!#$%&'*+\-.^_`|~0-9a-z]+)$/,
    {
      error:
        'a field name in lower case, or @method, @authority, @scheme, @target-uri, @request-target, @path or @query',
    },
  ),
)

const bodyLimit = integer(0, 33_554_432) // 32 MiB: an isolate has 128 MiB for all of its requests.

const signatureSchema = object({
  key: described(
    'The key: for hmac-sha256 a text whose bytes it is, else a private key, PKCS #8 as PEM or a JWK.',
    secretRef,
  ),
  algorithm: described(
    'The algorithm (RFC 9421 §3.3).',
    z.enum(['hmac-sha256', 'ed25519', 'ecdsa-p256-sha256']),
  ),
  keyId: described(
    'By which name the service knows the key.',
    text(
      z.regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,256}$/, {
        error: 'printable ASCII without quotation mark and backslash',
      }),
    ),
  ),
  components: described(
    'What the signature covers: field names in lower case, and `@method`, `@authority`, `@scheme`, `@target-uri`, `@request-target`, `@path`, `@query`. A field that a request lacks is left out; with `content-digest` the gateway makes the digest of the body. `@method`, `@authority`, `@path`, `@query` unless given.',
    z.optional(z.array(component).check(z.minLength(1), z.maxLength(50))),
  ),
  maxBodyBytes: described(
    'With `content-digest`: how much of a body is read to be hashed; 413 beyond. 1 MiB unless given.',
    z.optional(bodyLimit),
  ),
})

const clientCredentialsSchema = object({
  tokenUrl: described(
    'The token endpoint.',
    text(z.regex(/^https?:\/\/[^\s#@]+$/, { error: 'http(s)://host[:port]/path' })),
  ),
  clientId: described('The client identifier.', filled),
  clientSecret: described('The client secret.', secretRef),
  clientAuth: described(
    'Where the endpoint takes the secret: `basic` (Authorization, the default) or `post` (the body).',
    z.optional(z.enum(['basic', 'post'])),
  ),
  scope: described('The scopes to ask for, with spaces between them.', z.optional(filled)),
  audience: described('The audience to ask for, where the endpoint takes one.', z.optional(filled)),
})

const awsSigV4Schema = object({
  region: described(
    'The region of the service, such as `eu-central-1`.',
    text(z.regex(/^[a-z0-9-]+$/, { error: 'the name of a region' })),
  ),
  service: described(
    'The name of the service in credentials, such as `s3`, `execute-api` or `lambda`.',
    text(z.regex(/^[a-z0-9-]+$/, { error: 'the name of a service in lower case' })),
  ),
  accessKeyId: described(
    'The access key ID.',
    z.union([filled, secretRef]) as unknown as z.ZodMiniType<string | SecretRef>,
  ),
  secretAccessKey: described('The secret access key.', secretRef),
  sessionToken: described('The session token of temporary credentials.', z.optional(secretRef)),
  maxBodyBytes: described(
    'How much of a body is read to be hashed, where the service needs that (all but S3 over https); 413 beyond. 1 MiB unless given.',
    z.optional(bodyLimit),
  ),
})

const kinds = {
  sign: described('A short-lived token that the gateway signs.', z.optional(signSchema)),
  signature: described(
    'A signature over parts of the request (RFC 9421).',
    z.optional(signatureSchema),
  ),
  clientCredentials: described(
    'A bearer token from a token endpoint (RFC 6749 §4.4).',
    z.optional(clientCredentialsSchema),
  ),
  awsSigV4: described('AWS Signature Version 4.', z.optional(awsSigV4Schema)),
}

export const authSchema = withRule(object(kinds), oneKind)
export type AuthOptions = z.infer<typeof authSchema>
export type SignOptions = z.infer<typeof signSchema>
export type SignatureOptions = z.infer<typeof signatureSchema>
export type ClientCredentialsOptions = z.infer<typeof clientCredentialsSchema>
export type AwsSigV4Options = z.infer<typeof awsSigV4Schema>

function oneKind(written: Written, note: Note): void {
  const names = Object.keys(kinds)
  const given = names.filter((name) => written[name] !== undefined)
  if (given.length === 1) return
  const found = given.length === 0 ? 'none of them' : given.map((name) => `"${name}"`).join(', ')
  note([], `expected exactly one of ${names.map((name) => `"${name}"`).join(', ')}, found ${found}`)
}
