/** The places in which a request may name its version. */
import * as z from 'zod/mini'
import { tokenForm } from '../../http/field-values.ts'
import { described, headerName, object, text } from '../../schema/atoms.ts'
import { needOneOf, withRule } from '../../schema/rule.ts'

const paramName = text(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'the name of a parameter in a path' }),
)
const token = text(z.regex(tokenForm, { error: 'a name of letters, digits and "-"' }))

const places = ['header', 'query', 'path', 'param', 'mediaType']

export const sourceSchema = withRule(
  object({
    header: described('The field that names the version.', z.optional(headerName)),
    query: described(
      'The parameter of the query that names it; of several the first counts.',
      z.optional(text(z.minLength(1))),
    ),
    path: described(
      'True: the parameter `version` of the path of the route.',
      z.optional(z.literal(true)),
    ),
    param: described(
      'The parameter of the path, where it has another name.',
      z.optional(paramName),
    ),
    mediaType: described(
      'In `Accept`, else in `Content-Type`: the name of a parameter (`application/json; version=2`), or `{ "vendor": "acme" }` for `application/vnd.acme.v2+json`.',
      z.optional(
        z.union([
          token,
          object({ vendor: described('What stands between `vnd.` and the version.', token) }),
        ]),
      ),
    ),
    onward: described(
      'What goes on of it: `remove`, `keep` or `newest`, the name of the newest version in its place. `keep` in a path and `remove` elsewhere unless given.',
      z.optional(z.enum(['remove', 'keep', 'newest'])),
    ),
    strip: described(
      'With `path` or `param`: true is `"onward": "remove"`, the segment is taken out.',
      z.optional(z.boolean()),
    ),
  }),
  (written, note) => {
    needOneOf(written, note, places)
    const given = places.filter((place) => written[place] !== undefined)
    for (const place of given.slice(1)) {
      note([place], `expected one place for each entry of \`from\`, found "${given[0]}" too`)
    }
    if (written.strip === undefined) return
    if (written.path === undefined && written.param === undefined) {
      note(['strip'], 'expected `strip` beside `path` or `param`: only a segment can be taken out')
    }
    if (written.onward !== undefined) {
      note(['strip'], 'expected no `strip` beside `onward`, which says the same')
    }
  },
)
export type SourceOptions = z.infer<typeof sourceSchema>
