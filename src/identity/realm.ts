/** The realm of a challenge: a quoted string (RFC 9110 §5.6.4) that needs no escapes. */
import * as z from 'zod/mini'
import { text } from '../schema/atoms.ts'

export const realm = text(
  z.regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,200}$/, {
    error: 'visible ASCII characters without \'"\' and "\\"',
  }),
)
