/** `external-auth`: a service of the operator's own says who may pass. */
import * as z from 'zod/mini'
import { described, headerName, integer, text } from '../../schema/atoms.ts'
import { editableHeaderName } from '../../schema/header-names.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { templateText } from '../../template/schema.ts'
import { guardSchema } from '../guard.ts'

const serviceUrl = text(
  z.regex(
    /^(?:https?:\/\/[^\s/?#\\@]+|binding:\/\/[A-Za-z_][A-Za-z0-9_]*)(?:\/[^\s?#\\]*)?(?:\?[^\s#\\]*)?$/,
    { error: 'a URL such as "https://auth.internal/check", or binding://NAME/check' },
  ),
)

const headerNames = z.array(headerName)

/** Caching without a key, or a key without caching, is a mistake in either case. */
function checkCaching({ cacheKey, cacheSeconds, negativeCacheSeconds }: Written, note: Note): void {
  const isCached = cacheSeconds !== undefined || negativeCacheSeconds !== undefined
  if (isCached && cacheKey === undefined) {
    note(['cacheKey'], 'expected what the answer of the service depends on, as answers are kept')
  }
  if (!isCached && cacheKey !== undefined) {
    note(['cacheKey'], 'expected "cacheSeconds" or "negativeCacheSeconds" beside it')
  }
}

export const externalAuthSchema = withRule(
  guardSchema('external-auth', {
    url: described('Where the service is asked; a service binding or http(s).', serviceUrl),
    method: described(
      'With which method. `GET` unless given; there is never a body.',
      z.optional(z.enum(['GET', 'HEAD', 'POST'])),
    ),
    requestHeaders: described(
      'Header fields of the request that the service sees. `Authorization` and `Cookie` unless given.',
      z.optional(headerNames),
    ),
    responseHeaders: described(
      'Header fields of the answer that go on to the upstream. Inbound ones of these names are removed in the whole table.',
      z.optional(z.array(editableHeaderName)),
    ),
    subjectHeader: described(
      'The field of the answer that names the caller. Without it, or where it is empty, the caller stays anonymous.',
      z.optional(headerName),
    ),
    refusal: described(
      'What a refused client gets: the answer of the `service` (unless given), or a `problem` of the gateway.',
      z.optional(z.enum(['service', 'problem'])),
    ),
    refusalHeaders: described(
      'Which header fields of the answer that has. Content-Type, Location, WWW-Authenticate, Set-Cookie, Cache-Control and Retry-After unless given.',
      z.optional(z.array(editableHeaderName)),
    ),
    bodyLimitBytes: described(
      'How long the body of a refusal may be: 65536 unless given. A longer one becomes a problem.',
      z.optional(integer(0, 1_048_576)),
    ),
    cacheKey: described(
      'Templates that name all that the answer depends on. Where all of them are empty nothing is kept.',
      z.optional(z.array(templateText(z.minLength(1))).check(z.minLength(1))),
    ),
    cacheSeconds: described(
      'How long a yes is taken without asking again. Not at all unless given.',
      z.optional(integer(1, 86_400)),
    ),
    negativeCacheSeconds: described(
      'How long a no is. Not at all unless given.',
      z.optional(integer(1, 3_600)),
    ),
    timeoutMs: described(
      'How long an answer may take. 2000 unless given.',
      z.optional(integer(1, 60_000)),
    ),
    onStoreFault: described(
      'What happens where the service fails: `deny` (503, unless given), or `allow`: everybody passes, anonymous.',
      z.optional(z.enum(['allow', 'deny'])),
    ),
  }),
  checkCaching,
)
export type ExternalAuthOptions = z.infer<typeof externalAuthSchema>
