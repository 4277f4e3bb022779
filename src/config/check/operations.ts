/** What routes say of GraphQL operations must fit their documents and their upstreams. */
import { suggestion } from '../../schema/nearest.ts'
import { coerce } from '../../upstreams/graphql/coerce-core.ts'
import type { Operation, TypeRef } from '../../upstreams/graphql/document-core.ts'
import { chooseOperation, writeType } from '../../upstreams/graphql/operation-core.ts'
import type { GraphqlRouteOptions } from '../../upstreams/graphql/schema.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteSpec, RouteTable } from '../schema.ts'
import { refused } from './note.ts'

export function checkOperations(table: RouteTable): Problem[] {
  return table.routes.flatMap((route, index) => {
    const { graphql } = route
    if (graphql === undefined) return []
    const path: Path = ['routes', index]
    const own: Path = [...path, 'graphql']
    const problems: Problem[] = []
    if (!hasOwnUpstream(table, route)) {
      const expected = 'an upstream of the kind "graphql"'
      const message = `expected ${expected} beside "graphql", found another`
      problems.push(
        refused(own, 'OPERATION_WITHOUT_UPSTREAM', message, { found: 'another', expected }),
      )
    }
    const chosen = chooseOperation(graphql.query, graphql.operationName)
    if (chosen === null) return problems
    if (chosen.kind === 'problem') {
      const { at, found, expected } = chosen
      return [...problems, invalid([...own, at], found, expected)]
    }
    const { operation } = chosen
    if (operation.kind === 'mutation') problems.push(...checkMutation(route, path))
    return [...problems, ...checkVariables(operation, graphql, own)]
  })
}

function invalid(path: Path, found: string, expected: string): Problem {
  const message = `expected ${expected}, found ${found}`
  return refused(path, 'OPERATION_INVALID', message, { found, expected })
}

/** An unknown name of an upstream is told elsewhere. */
function hasOwnUpstream({ upstreams = {} }: RouteTable, { upstream }: RouteSpec): boolean {
  const isOwn = (name: string) =>
    !Object.hasOwn(upstreams, name) || upstreams[name]?.kind === 'graphql'
  if (upstream === undefined) return false
  if (typeof upstream === 'string') return isOwn(upstream)
  return Array.isArray(upstream)
    ? upstream.every((share) => isOwn(share.upstream))
    : upstream.kind === 'graphql'
}

/** Methods that change nothing (RFC 9110 §9.2.1): links, caches and crawlers ask by them. */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

function checkMutation({ match, graphql }: RouteSpec, path: Path): Problem[] {
  const problems: Problem[] = []
  if (graphql?.method === 'GET') {
    problems.push(invalid([...path, 'graphql', 'method'], '"GET" for a mutation', '"POST"'))
  }
  const isList = Array.isArray(match)
  for (const [index, one] of (isList ? match : [match]).entries()) {
    const at = isList ? [...path, 'match', index] : [...path, 'match']
    const { methods } = one
    const found = methods === undefined ? 'no methods' : methods.find((name) => safe.has(name))
    if (found === undefined) continue
    const expected = 'methods that may change something, such as "POST", for a mutation'
    const message = `expected ${expected}, found ${methods === undefined ? found : `"${found}"`}`
    problems.push(
      refused([...at, 'methods'], 'MUTATION_BY_SAFE_METHOD', message, { found, expected }),
    )
  }
  return problems
}

function checkVariables(
  { variables }: Operation,
  { variables: said, body = said === undefined }: GraphqlRouteOptions,
  own: Path,
): Problem[] {
  const problems: Problem[] = []
  const names = variables.map(({ name }) => name)
  for (const [name, json] of Object.entries(said ?? {})) {
    const variable = variables.find((one) => one.name === name)
    const at = [...own, 'variables', name]
    if (variable === undefined) problems.push(unknown(at, name, names))
    else if (!mayFit(variable.type, json)) {
      problems.push(invalid(at, JSON.stringify(json), `a value of ${writeType(variable.type)}`))
    }
  }
  if (typeof body === 'string' && !names.includes(body)) {
    problems.push(unknown([...own, 'body'], body, names))
  }
  if (said === undefined || body === true) return problems
  const lacking = variables.find(
    ({ name, type, hasDefault }) =>
      type.isRequired && !hasDefault && name !== body && !Object.hasOwn(said, name),
  )
  if (lacking === undefined) return problems
  return [...problems, invalid([...own, 'variables'], `no $${lacking.name}`, 'all that are needed')]
}

function unknown(path: Path, name: string, names: readonly string[]): Problem {
  const message = `unknown variable "${name}"${suggestion(name, names) || '; the operation does not declare it'}`
  const expected = 'a variable of the operation'
  return refused(path, 'OPERATION_INVALID', message, { found: JSON.stringify(name), expected })
}

/** Of constants alone it is known before there is a request. */
function mayFit(type: TypeRef, json: unknown): boolean {
  if (JSON.stringify(json).includes('${')) return true
  return coerce(type, { kind: 'json', value: json }).kind === 'value'
}
