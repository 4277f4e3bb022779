/** `hmac`: HTTP Message Signatures (RFC 9421), with a shared secret or a public key. */
import * as z from 'zod/mini'
import {
  described,
  integer,
  map,
  name,
  object,
  seconds,
  secretRef,
  text,
} from '../../schema/atoms.ts'
import { withRule } from '../../schema/rule.ts'
import { guardSchema } from '../guard.ts'
import { algorithmsOf, publicAlgorithms } from './public-key.ts'

export const algorithms = ['hmac-sha256', ...publicAlgorithms] as const
export type Algorithm = (typeof algorithms)[number]

const keySchema = withRule(
  object({
    algorithm: described(
      'The one algorithm of the key: a signature that names another is refused.',
      z.enum(algorithms),
    ),
    secret: described('For `hmac-sha256`: the secret, of 32 bytes or more.', z.optional(secretRef)),
    encoding: described(
      'How the secret stands in its value: as `text` (UTF-8, unless given) or in `base64`.',
      z.optional(z.enum(['text', 'base64'])),
    ),
    publicKey: described(
      'For the other algorithms: the public key in PEM (`BEGIN PUBLIC KEY`).',
      z.optional(text()),
    ),
    consumer: described(
      'The name of the caller and of its entry in `consumers`; the key id unless given.',
      z.optional(name),
    ),
  }),
  ({ algorithm, secret, encoding, publicKey }, note) => {
    if (!algorithms.some((known) => known === algorithm)) return
    if (algorithm === 'hmac-sha256') {
      if (secret === undefined) note(['secret'], 'expected a secret, as "hmac-sha256" needs one')
      if (publicKey !== undefined) note(['publicKey'], 'expected no public key with "hmac-sha256"')
      return
    }
    if (secret !== undefined) note(['secret'], `expected no secret with "${String(algorithm)}"`)
    if (encoding !== undefined) note(['encoding'], 'expected no encoding without a secret')
    if (publicKey === undefined) note(['publicKey'], 'expected a public key in PEM')
    // A variable has its value only when the table is compiled; it is read by this schema once more then.
    if (typeof publicKey !== 'string') return
    if (!algorithmsOf(publicKey).some((served) => served === algorithm)) {
      note(['publicKey'], `expected a public key in PEM that serves "${String(algorithm)}"`)
    }
  },
)

const component = text(
  z.regex(
    /^(?:@(?:method|target-uri|authority|scheme|request-target|path|query)|[!#$%&'*+\-.^_`|~0-9a-z]+)$/,
    { error: 'a component such as "@method", or the name of a header field in lower case' },
  ),
)

const keyId = z
  .string()
  .check(
    z.regex(/^[\x20-\x7e]{1,256}$/, { error: 'a key id of 1 to 256 visible ASCII characters' }),
  )

export const hmacSchema = guardSchema('hmac', {
  keys: described(
    'Key id (`keyid` of the signature) → key.',
    map(keySchema, keyId).check(
      z.refine((keys) => Object.keys(keys).length > 0, { error: 'expected at least one key' }),
    ),
  ),
  components: described(
    'What a signature must cover. Unless given: `@method`; `@target-uri`, `@request-target`, or `@path` and `@query`; and `content-digest`. That one is only asked for where there is a body.',
    z.optional(z.array(component).check(z.minLength(1))),
  ),
  tag: described(
    'Only signatures with this `tag` count (RFC 9421 §2.3).',
    z.optional(text(z.regex(/^[\x20-\x7e]+$/, { error: 'visible ASCII characters' }))),
  ),
  maxAgeSeconds: described(
    'How old a signature may be, by its `created`. 300 unless given.',
    z.optional(seconds),
  ),
  clockToleranceSeconds: described(
    'By how much the clocks of signer and gateway may differ. 5 unless given.',
    z.optional(integer(0, 300)),
  ),
  nonce: described(
    'Whether each signature must have a `nonce`. One that is there counts once, whatever this says: `optional` unless given.',
    z.optional(z.enum(['optional', 'required'])),
  ),
  bodyLimitBytes: described(
    'How many bytes of body are read to verify its digest: 1 MiB unless given, at most 10 MiB.',
    z.optional(integer(1, 10_485_760)),
  ),
  scheme: described(
    'The scheme that clients sign, where it is not that of the connection to the gateway: a proxy ends TLS before it.',
    z.optional(z.enum(['http', 'https'])),
  ),
  optional: described(
    'Lets a caller without signature pass, anonymous. One with a bad signature never passes.',
    z.optional(z.boolean()),
  ),
  passOn: described(
    'Whether Signature and Signature-Input go on to the service. They do not unless this is true.',
    z.optional(z.boolean()),
  ),
})
export type HmacOptions = z.infer<typeof hmacSchema>
