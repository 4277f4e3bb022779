/** `from`: where a policy looks for its credential, one place or a list of which the first that has one counts. */
import * as z from 'zod/mini'
import { described, headerName, object, text } from '../schema/atoms.ts'
import type { TokenFrom } from './token-places.ts'

const placeName = text(
  z.regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: 'the name of a cookie or parameter' }),
)

const place = z.union([
  object({
    header: described('The header field that has it.', headerName),
    prefix: described(
      'The scheme in front of it, such as `Bearer`; a value without it is another kind of credential. Case does not count.',
      z.optional(
        text(z.regex(/^[\x21-\x7e]+ ?$/, { error: 'a scheme of visible ASCII characters' })),
      ),
    ),
  }),
  object({ cookie: described('The cookie that has it.', placeName) }),
  object({ query: described('The query parameter that has it.', placeName) }),
])

/** The schema of `from`. */
export const fromSchema = z.union([
  place,
  z.array(place).check(z.minLength(1)),
]) as unknown as z.ZodMiniType<TokenFrom>
