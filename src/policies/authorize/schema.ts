/** `authorize`: what a caller must be to pass. */
import * as z from 'zod/mini'
import { type BodyCondition, bodyCondition } from '../../match/schema.ts'
import { described, map, object, text } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { templateText } from '../../template/schema.ts'
import { guardSchema } from '../guard.ts'

/** Of a list one is enough, of `{ "all" }` each is needed. */
export type Wanted<T> = readonly T[] | { readonly all: readonly T[] }

/** The name of an entry of `consumers`, or a caller as the pair that it is. */
export type ConsumerRef = string | { readonly authority: string; readonly subject: string }

/** A match value, or a text that the claim must be; `asText` compares numbers and booleans as text too. */
export type ClaimCondition = BodyCondition | EqualsCondition
export interface EqualsCondition {
  readonly equals: string
  readonly asText?: boolean | undefined
}

function wanted<T extends z.core.SomeType>(one: T, most: string) {
  const list = z.array(one).check(z.minLength(1))
  return z.union([list, object({ all: described(most, list) })]) as unknown as z.ZodMiniType<
    Wanted<z.infer<T>>
  >
}

const word = text(z.minLength(1))
// RFC 6749 §3.3: anything else would break the list in the challenge.
const scope = text(
  z.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope: visible ASCII without `"` and `\\`' }),
)

const consumerRef = z.union([
  word,
  object({
    authority: described(
      'Who vouches for the caller: `jwt:<issuer>`, `key`, `basic`, `hmac`, `mtls:<CA>` and their like.',
      word,
    ),
    subject: described('The name of the caller within the authority.', word),
  }),
]) as unknown as z.ZodMiniType<ConsumerRef>

const claimCondition = z.union([
  bodyCondition,
  object({
    equals: described(
      'A template, such as `${params.userId}`: the claim must be this text. An empty text equals nothing.',
      templateText(z.minLength(1)),
    ),
    asText: described(
      'Whether a number or boolean claim compares by its text as well. False unless given: 1 is not "1".',
      z.optional(z.boolean()),
    ),
  }),
]) as unknown as z.ZodMiniType<ClaimCondition>

const requirements = ['roles', 'scopes', 'permissions', 'consumers', 'claims'] as const

export const authorizeSchema = withRule(
  guardSchema('authorize', {
    roles: described(
      'Roles of the credential or the consumer: one of a list, or each of `{ "all" }`.',
      z.optional(wanted(word, 'Roles that are all needed.')),
    ),
    scopes: described(
      'Scopes of the credential: one of a list, or each of `{ "all" }`.',
      z.optional(wanted(scope, 'Scopes that are all needed.')),
    ),
    permissions: described(
      'Permissions of the credential: one of a list, or each of `{ "all" }`.',
      z.optional(wanted(word, 'Permissions that are all needed.')),
    ),
    consumers: described(
      'Names of entries of `consumers`, or callers as `{ "authority", "subject" }`: one of a list, or each of `{ "all" }`.',
      z.optional(wanted(consumerRef, 'What the caller must be all at once.')),
    ),
    claims: described(
      'Claim, by name or JSON Pointer → a match value, or `{ "equals": "${params.userId}" }`; each must hold. Of a claim that is a list one member is enough.',
      z.optional(map(claimCondition, z.string().check(z.minLength(1)))),
    ),
  }),
  (written, note) => {
    needOneOf(written, note, requirements)
    const { claims } = written
    // Present and empty would let every known caller pass.
    if (typeof claims === 'object' && claims !== null && Object.keys(claims).length === 0) {
      note(['claims'], 'expected at least one claim, found none')
    }
  },
)
export type AuthorizeOptions = z.infer<typeof authorizeSchema>
