/** `graphql` of an upstream and of a route: where the service takes operations, and which one answers a route. */
import * as z from 'zod/mini'
import { checkExpression } from '../../expression/schema.ts'
import { described, integer, map, object, text } from '../../schema/atoms.ts'
import { templateJson } from '../../template/schema.ts'
import { readDocument } from './document-core.ts'
import { resultPath } from './result-path.ts'

export const graphqlUpstreamSchema = object({
  path: described(
    'Where the service takes operations, behind the path of its target. `/graphql` unless given.',
    z.optional(text(z.regex(/^\/[^\s?#\\]*$/, { error: 'a path that starts with "/"' }))),
  ),
  maxBodyBytes: described(
    'The longest body that is read, of a request and of an answer. 4 MiB unless given.',
    z.optional(integer(1, 67_108_864)), // An isolate has 128 MiB, and a body stands in it as text and as values.
  ),
  exposeErrors: described(
    "Whether the messages of errors, which are the service's words, are shown. They are unless false.",
    z.optional(z.boolean()),
  ),
})
export type GraphqlUpstreamOptions = z.infer<typeof graphqlUpstreamSchema>

const isDocument = z.check<string>((payload) => {
  const read = readDocument(payload.value)
  if (read.kind === 'document') return
  const { line, column, expected } = read.flaw
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: `expected, at line ${line}, column ${column}, ${expected}`,
    params: { code: 'GRAPHQL_INVALID' },
    continue: true,
  })
}) as z.core.$ZodCheck<string>

const isResult = z.check<string>((payload) => {
  if (!resultPath.test(payload.value)) checkExpression(payload)
}) as z.core.$ZodCheck<string>

const nameForm = z.regex(/^[_A-Za-z][_0-9A-Za-z]*$/, { error: 'a name of GraphQL' })

export const graphqlRouteSchema = object({
  query: described(
    'The document: a query or a mutation, with its fragments.',
    // Far longer than what people write; each isolate reads it once.
    text(z.maxLength(65_536), isDocument),
  ),
  operationName: described(
    'Which operation of the document runs, where it has several.',
    z.optional(text(nameForm)),
  ),
  variables: described(
    'The variables; every string in them is a template, and what it reads becomes of the type that the variable has. Path parameters, query and body give them by name unless given.',
    z.optional(map(templateJson)),
  ),
  body: described(
    'What the JSON body or form is: the value of the variable of this name, or, with `true`, variables by name. `true` where `variables` is not given.',
    z.optional(z.union([z.boolean(), text(nameForm)])),
  ),
  result: described(
    'What of `data` is the answer: names with dots between them, or an expression over it. All of it unless given.',
    z.optional(text(isResult)),
  ),
  errors: described(
    'Statuses by `extensions.code` of errors; they come before those that the gateway knows.',
    z.optional(map(integer(400, 599))),
  ),
  partial: described(
    'What becomes of data that comes with errors: `answer` (default) gives both, `refuse` the errors alone.',
    z.optional(z.enum(['answer', 'refuse'])),
  ),
  nullIs404: described(
    'Whether a result that is null is answered 404. It is 200 with null unless true.',
    z.optional(z.boolean()),
  ),
  method: described(
    'How the operation is sent. `POST` unless given; `GET` only takes queries, and those that are short.',
    z.optional(z.enum(['POST', 'GET'])),
  ),
  persisted: described(
    'Whether the SHA-256 of the document is sent first, and the document only to a service that does not know it. It is not unless true.',
    z.optional(z.boolean()),
  ),
})
export type GraphqlRouteOptions = z.infer<typeof graphqlRouteSchema>
