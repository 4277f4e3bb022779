/** `balance`, `sticky` and what else says which target a call goes to (ROUTES.md §4). */
import * as z from 'zod/mini'
import { tokenForm } from '../../http/field-values.ts'
import { described, integer, object, seconds, secretRef, text } from '../../schema/atoms.ts'
import { hashKey } from './key-schema.ts'

export const balanceSchema = z.union([
  z.literal(['round-robin', 'least-requests', 'random', 'fastest']),
  object({
    hash: described(
      'Names of the vocabulary or templates; together one key. The same key goes to the same target.',
      z.array(hashKey).check(z.minLength(1), z.maxLength(10)),
    ),
  }),
])
export type BalanceOptions = z.infer<typeof balanceSchema>

export const stickySchema = object({
  cookie: described(
    'The name of the cookie that binds a client to its target.',
    text(z.regex(tokenForm, { error: 'the name of a cookie' })),
  ),
  secret: described('Signs the cookie, so that no client chooses a target itself.', secretRef),
  ttlSeconds: described(
    'How long the client keeps the cookie. Until the browser closes, unless given.',
    z.optional(seconds),
  ),
})
export type StickyOptions = z.infer<typeof stickySchema>

/** Whole percent, from 0. */
export const percent = integer(0, 100)

/** As `request.cf` names them: a continent has two letters, a colo three. */
export const zone = text(
  z.regex(/^(?:AF|AN|AS|EU|NA|OC|SA|[A-Z]{3})$/, {
    error: 'a continent such as EU or a colo such as AMS',
  }),
)
