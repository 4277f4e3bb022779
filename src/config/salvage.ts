/**
 * What is left to judge of a table that has problems: each place with a problem gets a stand-in, so that the
 * problems behind it are told in the same run (ROUTES.md §1). Such a table is judged, never served.
 */
import type { Path } from './json.ts'
import { pathOf, valueAt } from './pointer.ts'
import type { Problem } from './problem.ts'
import { isAggregateConsequence, mendAggregate } from './salvage-aggregate.ts'
import type { RouteTable } from './schema.ts'

type Members = Record<string, unknown>

// Of the kind `many`, so that it takes the place of no other policy.
const policyStandIn = (number: number) => ({
  use: 'query',
  name: `unsound.${number}`,
  mode: 'off',
  remove: ['x'],
})
const upstreamStandIn = () => ({ targets: ['http://unsound.invalid'] })
const answerStandIns: Readonly<Record<string, () => unknown>> = {
  upstream: upstreamStandIn,
  redirect: () => ({ status: 302 }),
  respond: () => ({ status: 200 }),
}
/** Answers that name other parts of the table: a fixed one takes their place, so that none is missing. */
const composed: ReadonlySet<string> = new Set(['aggregate', 'batch'])

/** A copy of the document with stand-ins, or null where too little is left to speak of. */
export function salvage(document: unknown, problems: readonly Problem[]): unknown {
  const copy = structuredClone(document)
  if (!isMembers(copy) || !Array.isArray(copy.routes)) return null
  let unsound = 0
  const nextPolicy = () => policyStandIn(unsound++)
  for (const { pointer, code } of problems) {
    const path = pathOf(pointer)
    if (path.length === 0) return null
    if (code === 'KEY_UNKNOWN') remove(copy, path)
    else mend(copy, path, nextPolicy)
  }
  return copy
}

type NextPolicy = () => unknown

function mend(table: Members, path: readonly string[], nextPolicy: NextPolicy): void {
  const [top = '', name = '', ...rest] = path
  if (top === 'version') table.version = 1
  else if (top === 'routes') mendRoute(table.routes as unknown[], path.slice(1), nextPolicy)
  else if (path.length > 1 && top === 'upstreams') mendUpstream(table, name, rest)
  else if (path.length > 2 && top === 'policySets') replace(table, path.slice(0, 3), nextPolicy())
  else if (path.length > 2 && top === 'defaults' && name === 'policies') {
    replace(table, path.slice(0, 3), nextPolicy())
  } else if (top === 'policySets' && name !== '' && !Array.isArray(valueAt(table, path))) {
    replace(table, path, [])
  } else remove(table, path.slice(0, top === 'defaults' || top === 'policySets' ? 2 : 1))
}

function mendUpstream(table: Members, name: string, [part, key]: readonly string[]): void {
  const place = ['upstreams', name]
  if (part === undefined && isMembers(valueAt(table, place))) remove(table, place)
  else if (part === 'targets' && key !== undefined) {
    replace(table, [...place, part, key], 'http://unsound.invalid')
  } else if (part === 'timeoutMs') remove(table, [...place, part])
  else if (part === 'headers' && key !== undefined) remove(table, [...place, part, key])
  else replace(table, place, upstreamStandIn())
}

function mendRoute(routes: unknown[], path: readonly string[], nextPolicy: NextPolicy): void {
  const [index = '', part = ''] = path
  const name = `unsound.${index}`
  const route = routes[Number(index)]
  if (!isMembers(route) || path.length === 1) {
    routes[Number(index)] = { name, match: {}, respond: { status: 200 } }
  } else if (part === 'name') route.name = name
  else if (part === 'match') route.match = {}
  else if (part === 'policies' && path.length > 2) {
    replace(routes, path.slice(0, 3), nextPolicy())
  } else if (Object.hasOwn(answerStandIns, part)) route[part] = answerStandIns[part]!()
  else if (part === 'aggregate' && path.length > 2 && isMembers(route.aggregate)) {
    mendAggregate(route.aggregate, path.slice(2))
  } else if (composed.has(part)) {
    delete route[part]
    if (!Object.keys(route).some(isAnswer)) route.respond = answerStandIns.respond!()
  } else delete route[part]
}

function isAnswer(key: string): boolean {
  return Object.hasOwn(answerStandIns, key) || composed.has(key)
}

/** Whether a problem of a salvaged table is none of the document's, but made by the problems before it. */
export function isConsequence(
  problem: Problem,
  of: readonly Problem[],
  table: RouteTable,
): boolean {
  const [, index = ''] = /^\/routes\/(\d+)/.exec(problem.pointer) ?? []
  const isAt = (place: RegExp) => of.some(({ pointer }) => place.test(pointer))
  // What stood under a key that is no one's, or broken as a whole, is not there now.
  const mayBeLost = (key: 'upstreams' | 'policySets' | 'defaults') =>
    table[key] === undefined && isAt(/^\/[^/]*$/)
  switch (problem.code) {
    case 'UPSTREAM_UNKNOWN':
      return mayBeLost('upstreams')
    case 'POLICY_SET_UNKNOWN':
      return mayBeLost('policySets')
    case 'SKIP_UNKNOWN':
      return mayBeLost('defaults') || isAt(/^\/(?:defaults|policySets)(?:\/|$)/)
    case 'PARAM_UNKNOWN':
    case 'REDIRECT_HOST_MISSING':
      return isAt(new RegExp(`^/routes/${index}/match(?:/|$)`))
    case 'ANSWER_MISSING':
      return isAt(new RegExp(`^/routes/${index}/[^/]*$`))
    default:
      return isAggregateConsequence(problem, of)
  }
}

function holderOf(root: unknown, path: Path): Members | null {
  const holder = valueAt(root, path.slice(0, -1))
  return typeof holder === 'object' && holder !== null ? (holder as Members) : null
}

function remove(root: unknown, path: Path): void {
  const holder = holderOf(root, path)
  if (holder !== null) delete holder[String(path.at(-1))]
}

function replace(root: unknown, path: Path, value: unknown): void {
  const holder = holderOf(root, path)
  if (holder !== null) holder[String(path.at(-1))] = value
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
