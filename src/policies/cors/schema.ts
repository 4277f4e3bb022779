/** `cors`: which pages of other origins may call the route and read its answers (Fetch §3.2). */
import * as z from 'zod/mini'
import { described, headerName, integer, method, text } from '../../schema/atoms.ts'
import { type Written, withRule } from '../../schema/rule.ts'
import { policySchema } from '../schema.ts'

/** `*`, or `scheme://host[:port]` whose first label may be `*`. `null` is no origin that can be listed. */
const origin = text(
  z.regex(
    /^(\*|[A-Za-z][A-Za-z0-9+.-]*:\/\/((\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)$/,
    {
      error:
        '"*", or scheme://host with an optional port, such as "https://app.example.com" or "https://*.example.com"',
    },
  ),
)

function has(written: Written, key: string, value: unknown): boolean {
  const list = written[key]
  return Array.isArray(list) && list.includes(value)
}

export const corsSchema = withRule(
  policySchema('cors', {
    origins: described(
      'Exact origins, `*`, or one wildcard label as in `https://*.example.com`.',
      z.array(origin).check(z.minLength(1)),
    ),
    methods: described(
      'Methods a page may use, or `*`. Unless given, those that the route takes.',
      z.optional(z.array(method)),
    ),
    headers: described(
      'Request headers a page may send, or `*`. Unless given, Accept, Accept-Language, Content-Language, Content-Type and Range.',
      z.optional(z.array(headerName)),
    ),
    exposeHeaders: described(
      'Answer headers a page may read, or `*`, beside RateLimit, RateLimit-Policy, Retry-After and the request id.',
      z.optional(z.array(headerName)),
    ),
    credentials: described(
      'Whether a page may send cookies and other credentials. False unless given.',
      z.optional(z.boolean()),
    ),
    reflect: described(
      'With `*`: answers with the origin that asks in place of `*`. Together with `credentials` every site may then act as its visitor.',
      z.optional(z.boolean()),
    ),
    maxAgeSeconds: described(
      'How long a browser may keep the answer to a preflight. Browsers have caps of their own, from 2 to 24 hours.',
      z.optional(integer(0, 31_536_000)),
    ),
  }),
  (written, note) => {
    if (written.credentials !== true) return
    if (has(written, 'origins', '*') && written.reflect !== true)
      note(
        ['origins', (written.origins as unknown[]).indexOf('*')],
        'expected a list of origins beside `credentials`, found "*", which browsers refuse; `"reflect": true` lets every site act as its visitor',
      )
    if (has(written, 'exposeHeaders', '*'))
      note(
        ['exposeHeaders', (written.exposeHeaders as unknown[]).indexOf('*')],
        'expected names beside `credentials`, found "*", which browsers then take for a header of that name',
      )
  },
)
export type CorsOptions = z.infer<typeof corsSchema>
