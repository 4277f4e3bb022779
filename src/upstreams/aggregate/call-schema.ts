/** One call of an aggregate (ROUTES.md §6). What calls say of each other is judged in plan.ts. */
import * as z from 'zod/mini'
import { expressionText } from '../../expression/schema.ts'
import { matchShape } from '../../match/schema.ts'
import { cacheRule, cacheShape } from '../../policies/cache/schema.ts'
import {
  described,
  integer,
  map,
  method,
  milliseconds,
  name,
  object,
  text,
} from '../../schema/atoms.ts'
import { editableHeaderName, headerMap } from '../../schema/header-names.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { referenceFieldText, referencePath, referenceText } from './reference-schema.ts'

// A list that is longer is no list of a page, and each item may be a request.
const MAX_ITEMS = 10_000
// Services read ids from URLs, and those end at 16 KiB on Cloudflare.
const MAX_BATCH_ITEMS = 1_000

/** Names of calls: those that expressions and templates can tell from what they have already. */
export const callName = z.string().check(
  z.regex(/^(?!(?:errors|item|params)$)[A-Za-z][A-Za-z0-9_]*$/, {
    error:
      'a name of letters, digits and "_" that begins with a letter and is not "errors", "item" or "params"',
  }),
)

export const batchSchema = object({
  by: described('The id of an item: an expression over the item.', expressionText),
  items: described(
    'The list in the answer: an expression over its body. The body itself unless given.',
    z.optional(expressionText),
  ),
  key: described(
    'The name under which an element of that list has its id; dots lead into objects.',
    text(z.minLength(1)),
  ),
  maxItems: described(
    'How many ids go into one request: 50 unless given.',
    z.optional(integer(1, MAX_BATCH_ITEMS)),
  ),
  separator: described(
    'What stands between ids in a path, a query or a field: a comma unless given.',
    z.optional(text()),
  ),
})

/** One method is that of the call, and no part tells of a key. */
const { methods: ___, showKey: ____, ...callCacheShape } = cacheShape

/** What a call asks of the request that came in: its body is not read for it. */
const { body: _, bodyLimitBytes: __, ...whenShape } = matchShape

export const callSchema = withRule(
  object({
    upstream: described('The name of the upstream that is called, with all of its options.', name),
    method: described('The method: GET unless given.', z.optional(method)),
    path: described(
      'The path, a template over the request and earlier calls: each value is one segment.',
      referencePath,
    ),
    query: described(
      'Parameters by name, templates; values are encoded.',
      z.optional(map(referenceText(), text(z.minLength(1)))),
    ),
    headers: described(
      'Header fields by name, templates.',
      z.optional(headerMap(referenceFieldText)),
    ),
    json: described(
      'The body as JSON; every string in it is a template, and one that is a single placeholder takes the value as it is. Not beside `body`.',
      z.optional(z.json()),
    ),
    body: described(
      'The body as text, a template; `text/plain` unless `headers` say otherwise. Not beside `json`.',
      z.optional(referenceText()),
    ),
    forwardHeaders: described(
      'Header fields of the client that go on, beside those of the trace; `accept-language` alone unless given. `authorization`, cookies and what identity policies write only when they stand here.',
      z.optional(z.array(editableHeaderName)),
    ),
    required: described(
      'Whether the whole fails where this call does. It does not unless true.',
      z.optional(z.boolean()),
    ),
    default: described(
      'What stands in the place of its body where the call failed: null unless given.',
      z.optional(z.json()),
    ),
    timeoutMs: described(
      'From dispatch until the end of the body; the wait for other calls is not counted.',
      z.optional(milliseconds),
    ),
    after: described(
      'Calls that must be over before, beside those that it refers to.',
      z.optional(z.array(text())),
    ),
    forEach: described(
      'An expression that gives a list: the call is made for each `item` of it.',
      z.optional(expressionText),
    ),
    batch: described(
      'With `forEach`: the service takes many ids in one request.',
      z.optional(batchSchema),
    ),
    maxItems: described(
      'With `forEach`: how many items are called for, 100 unless given.',
      z.optional(integer(1, MAX_ITEMS)),
    ),
    when: described(
      'Whether the call is made at all: an expression, or a match on the request.',
      z.optional(z.union([expressionText, object(whenShape)])),
    ),
    cache: described(
      'Answers of this call are kept: the options of the policy `cache`.',
      z.optional(withRule(object(callCacheShape), cacheRule)),
    ),
    from: described(
      'How the body of the answer is read: `json` unless given, `xml` or `text`.',
      z.optional(z.enum(['json', 'xml', 'text'])),
    ),
  }),
  judgeCall,
)
export type CallSpec = z.infer<typeof callSchema>
export type BatchOptions = z.infer<typeof batchSchema>

function judgeCall(written: Written, note: Note): void {
  if (written.json !== undefined && written.body !== undefined) {
    note(['body'], 'expected `json` or `body`, found both')
  }
  const { method: asked = 'GET' } = written
  const isSafe = asked === 'GET' || asked === 'HEAD'
  for (const key of ['json', 'body']) {
    if (written[key] === undefined || !isSafe) continue
    note([key], `expected a method that has a body beside \`${key}\`, found ${asked}`)
  }
  if (written.cache !== undefined && typeof asked === 'string' && !isSafe) {
    note(['cache'], `expected no \`cache\` beside ${asked}: only GET and HEAD are kept`)
  }
  if (written.forEach !== undefined) return
  for (const key of ['batch', 'maxItems']) {
    if (written[key] === undefined) continue
    note([key], `expected \`forEach\` beside \`${key}\`, found none: there are no items`)
  }
}
