/** Which operation of a document a route runs, and what speaks against it. Pure. */
import {
  type GraphqlDocument,
  type Operation,
  readDocument,
  type TypeRef,
} from './document-core.ts'

export type Chosen =
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** `at` is the key of the route's `graphql` that has to be mended. */
  | {
      readonly kind: 'problem'
      readonly at: 'query' | 'operationName'
      readonly found: string
      readonly expected: string
    }

/** Null where the text is no document: the schema has told that. */
export function chooseOperation(text: string, name: string | undefined): Chosen | null {
  const document = readDocument(text)
  if (document.kind === 'invalid') return null
  const { operations } = document
  const problem = (at: 'query' | 'operationName', found: string, expected: string): Chosen => ({
    kind: 'problem',
    at,
    found,
    expected,
  })
  if (operations.length === 0) return problem('query', 'fragments alone', 'an operation')
  if (name === undefined && operations.length > 1) {
    return problem('operationName', 'nothing', 'the name of one of the operations')
  }
  const named = operations.filter((one) => name === undefined || one.name === name)
  const [operation] = named
  if (operation === undefined) {
    const known = operations.flatMap((one) => (one.name === null ? [] : [`"${one.name}"`]))
    const expected = known.length === 0 ? 'no name, as the operation has none' : known.join(' or ')
    return problem('operationName', JSON.stringify(name), expected)
  }
  if (named.length > 1) return problem('query', 'two operations of one name', 'one')
  if (operation.kind === 'subscription') {
    return problem('query', 'a subscription', 'a query or a mutation')
  }
  return judgeVariables(document, operation) ?? { kind: 'operation', operation }
}

/** A service would refuse each request with such a document (GraphQL §5.8). */
function judgeVariables(
  { operations, reads }: GraphqlDocument,
  { variables }: Operation,
): Chosen | null {
  const names = variables.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) return inQuery(`$${twice} declared twice`, 'each variable once')
  // Which of several operations a fragment is for is not looked into.
  if (operations.length > 1) return null
  const unused = names.find((name) => !reads.has(name))
  if (unused !== undefined) return inQuery(`$${unused}, which nothing reads`, 'variables in use')
  const unknown = [...reads].find((name) => !names.includes(name))
  if (unknown === undefined) return null
  return inQuery(`$${unknown}, which is not declared`, 'declared variables')
}

function inQuery(found: string, expected: string): Chosen {
  return { kind: 'problem', at: 'query', found, expected }
}

/** A type as GraphQL writes it. */
export function writeType(type: TypeRef): string {
  const text = type.kind === 'list' ? `[${writeType(type.of)}]` : type.name
  return type.isRequired ? `${text}!` : text
}
