/** `redirect` of a route: answers with a Location; what is not given stays as in the request (ROUTES.md §3). */
import * as z from 'zod/mini'
import { replacePrefixSchema } from '../../match/path-form.ts'
import { described, integer, object, text } from '../../schema/atoms.ts'
import { templatePath, templateText } from '../../template/schema.ts'

export const redirectSchema = object({
  status: described(
    'The status of the answer.',
    z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]),
  ),
  scheme: described('`http` or `https`.', z.optional(z.enum(['http', 'https']))),
  host: described(
    'A host name without port.',
    z.optional(text(z.regex(/^[A-Za-z0-9_.-]{1,253}$/, { error: 'a host name without port' }))),
  ),
  port: described(
    'The port; a default port is left out of Location.',
    z.optional(integer(1, 65_535)),
  ),
  path: described(
    'The path, a template. With a template `host` here or `hosts` in the match is needed.',
    z.optional(templatePath),
  ),
  replacePrefix: described('Replaces a prefix of whole segments.', z.optional(replacePrefixSchema)),
  query: described(
    'The query without "?", a template; an empty string drops the query.',
    z.optional(
      templateText(z.regex(/^[^?#\s]*$/, { error: 'a query without "?", "#" and spaces' })),
    ),
  ),
})
export type RedirectOptions = z.infer<typeof redirectSchema>
