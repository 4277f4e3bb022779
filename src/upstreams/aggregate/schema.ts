/** `aggregate` of a route: one answer from many calls (ROUTES.md §6). */
import * as z from 'zod/mini'
import { expressionText } from '../../expression/schema.ts'
import { described, integer, map, milliseconds, object, text } from '../../schema/atoms.ts'
import { headerMap } from '../../schema/header-names.ts'
import { type Note, type Written, withRule } from '../../schema/rule.ts'
import { callName, callSchema } from './call-schema.ts'
import { referenceFieldText } from './reference-schema.ts'

export type { BatchOptions, CallSpec } from './call-schema.ts'

// Bodies are held in memory, beside those of all requests of the isolate (128 MB).
const MAX_BODY_BYTES = 33_554_432

export const responseSchema = object({
  json: described(
    'The body: an expression over `params` and the calls. `{ "<call>": <its body>, … }` unless given.',
    z.optional(expressionText),
  ),
  status: described(
    'The status: a number, or an expression that gives one. 200 unless given.',
    z.optional(z.union([integer(200, 599), expressionText])),
  ),
  headers: described(
    'Header fields of the answer; values are templates over the request and the calls.',
    z.optional(headerMap(referenceFieldText)),
  ),
})
export type ResponseOptions = z.infer<typeof responseSchema>

export const aggregateSchema = withRule(
  object({
    timeoutMs: described(
      "From the request until all calls are over: the route's `timeoutMs`, then that of `defaults`, unless given.",
      z.optional(milliseconds),
    ),
    calls: described(
      'The calls by name, in the order in which they stand in the answer.',
      map(callSchema, callName),
    ),
    response: described(
      'What the answer is, where it is not all bodies.',
      z.optional(responseSchema),
    ),
    stream: described(
      'Sends each part as it arrives, as lines of JSON or as server-sent events. Not beside `response`.',
      z.optional(z.enum(['ndjson', 'sse'])),
    ),
    setCookies: described(
      'The calls whose cookies go to the client: none unless given.',
      z.optional(z.array(text())),
    ),
    maxBodyBytes: described(
      'The largest body of a call that is read: 1 MiB unless given.',
      z.optional(integer(1, MAX_BODY_BYTES)),
    ),
  }),
  judgeAggregate,
)
export type AggregateOptions = z.infer<typeof aggregateSchema>

function judgeAggregate(written: Written, note: Note): void {
  if (written.stream === undefined || written.response === undefined) return
  note(['stream'], 'expected `response` or `stream`, found both: what streams are the parts')
}
