/** `mtls`: the client's certificate, as Cloudflare verified it. */
import * as z from 'zod/mini'
import { forwardSchema } from '../../identity/forward-schema.ts'
import { valueCondition } from '../../match/schema.ts'
import { described, map, object, text } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { guardSchema } from '../guard.ts'
import { parseName } from './distinguished-name.ts'

const attribute = text(
  z.regex(/^(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)+)$/, {
    error: 'an attribute type such as "CN", "O" or "OU"',
  }),
)

const distinguishedName = text(
  z.refine((written: string) => parseName(written) !== null, {
    error: 'expected a distinguished name such as "CN=Partner CA,O=Example,C=DE" (RFC 2253)',
  }) as z.core.$ZodCheck<string>,
)

const fingerprint = text(
  z.regex(/^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}$/, { error: 'a SHA-256 fingerprint in hex' }),
)

const names = withRule(
  object({
    dns: described('A condition on a DNS name.', z.optional(valueCondition)),
    uri: described('A condition on a URI, such as a SPIFFE id.', z.optional(valueCondition)),
    email: described('A condition on a mail address.', z.optional(valueCondition)),
  }),
  (written, note) => needOneOf(written, note, ['dns', 'uri', 'email']),
)

export const mtlsSchema = guardSchema('mtls', {
  subject: described(
    'Attribute of the subject → condition; all must hold. Of several values of a type one must hold, with `not` all.',
    z.optional(map(valueCondition, attribute)),
  ),
  san: described(
    'Conditions on the subject alternative names; all that are given must hold, each for one name.',
    z.optional(names),
  ),
  fingerprintsSha256: described(
    'The certificates that may call, by SHA-256 in hex, with or without colons.',
    z.optional(z.array(fingerprint).check(z.minLength(1))),
  ),
  issuers: described(
    'The distinguished names of the authorities whose certificates may call (RFC 2253).',
    z.optional(z.array(distinguishedName).check(z.minLength(1))),
  ),
  subjectFrom: described(
    'What names the caller: the common name (`cn`, unless given), the whole subject (`dn`) or the `fingerprint`.',
    z.optional(z.enum(['cn', 'dn', 'fingerprint'])),
  ),
  optional: described(
    'Lets a caller without certificate pass, anonymous. One whose certificate is refused never passes.',
    z.optional(z.boolean()),
  ),
  forward: described(
    'Claim → header field for the service. Claims: `sub`, `cn`, `dn`, `issuer`, `serial`, `fingerprint`, `/san/dns`, `/san/uri`, `/san/email`.',
    z.optional(forwardSchema),
  ),
})
export type MtlsOptions = z.infer<typeof mtlsSchema>
