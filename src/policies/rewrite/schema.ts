/** `rewrite`: the path, query and host with which the request goes on to the service. */
import * as z from 'zod/mini'
import { prefixText, replacePrefixSchema } from '../../match/path-form.ts'
import { checkPathRegex } from '../../match/path-regex.ts'
import { described, object, text } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'
import { templatePath, templateText } from '../../template/schema.ts'
import { latePolicySchema } from '../schema.ts'

const host = text(
  z.regex(/^([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$/, {
    error: 'a host name with an optional port',
  }),
)

/** The four ways to make a path: at most one of them stands in a policy. */
const ways = ['stripPrefix', 'replacePrefix', 'path', 'regex']

export const rewriteSchema = withRule(
  latePolicySchema('rewrite', {
    stripPrefix: described(
      'Whole segments to take off the front of the path; a path without them stays.',
      z.optional(prefixText),
    ),
    replacePrefix: described(
      'Whole segments at the front of the path, and what stands there instead; a path without them stays.',
      z.optional(replacePrefixSchema),
    ),
    path: described(
      'The whole path, a template; `:name` at the start of a segment is short for `${params.name}`.',
      z.optional(templatePath),
    ),
    regex: described(
      'A pattern that starts with ^ and what stands instead of what it found.',
      z.optional(
        object({
          pattern: described(
            'A regular expression over the normalized, still encoded path.',
            text(
              z.refine((written: string) => checkPathRegex(written) === null, {
                error: (issue) => `expected ${checkPathRegex(String(issue.input))}`,
              }) as z.core.$ZodCheck<string>,
            ),
          ),
          to: described(
            '`$1`, `$<name>` and `${…}` are filled in.',
            templateText(z.regex(/^[^?#\\]*$/, { error: 'a path without query' })),
          ),
        }),
      ),
    ),
    query: described(
      'The whole query without "?", a template; an empty string drops the query.',
      z.optional(
        templateText(z.regex(/^[^?#\s]*$/, { error: 'a query without "?", "#" and spaces' })),
      ),
    ),
    host: described(
      'The host for the service: the host of the URL on `binding://`, `X-Forwarded-Host` on http(s).',
      z.optional(host),
    ),
  }),
  (written, note) => {
    needOneOf(written, note, [...ways, 'query', 'host'])
    const given = ways.filter((key) => written[key] !== undefined)
    for (const key of given.slice(1))
      note(
        [key],
        `expected only one of ${ways.map((way) => `"${way}"`).join(', ')}, found "${given[0]}" too`,
      )
  },
)
export type RewriteOptions = z.infer<typeof rewriteSchema>
