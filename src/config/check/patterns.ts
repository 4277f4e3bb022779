/** A pattern on a header, query or claim value is searched, not anchored: without `^` and `$` it holds for more than it says. */
import type { MatchSpec } from '../../match/schema.ts'
import type { PolicyEntry } from '../../policies/registry.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { alternativesOf } from './alternatives.ts'
import { warned } from './note.ts'
import { whensOf } from './whens.ts'

export function checkPatterns(table: RouteTable): Problem[] {
  const sets = Object.entries(table.policySets ?? {}).flatMap(([name, list]) =>
    inPolicies(list, ['policySets', name]),
  )
  const routes = table.routes.flatMap((route, index) => [
    ...alternativesOf(route.match).flatMap(({ spec, path }) =>
      inMatch(spec, ['routes', index, ...path]),
    ),
    ...inPolicies(route.policies ?? [], ['routes', index, 'policies']),
  ])
  return [
    ...inPolicies(table.defaults?.policies ?? [], ['defaults', 'policies']),
    ...sets,
    ...routes,
  ]
}

function inPolicies(list: readonly (string | PolicyEntry)[], path: Path): Problem[] {
  return list.flatMap((entry, at) => {
    if (typeof entry === 'string') return []
    const place = [...path, at]
    const whens = whensOf(entry).flatMap((one) => inMatch(one.when, [...place, ...one.path]))
    return [...whens, ...inClaims(entry, place)]
  })
}

/** What `authorize` and `jwt` ask of claims, in an `any-of` as well. */
function inClaims(entry: PolicyEntry, path: Path): Problem[] {
  const { claims, requiredClaims, policies } = entry as Partial<Record<string, unknown>>
  const inner = Array.isArray(policies) ? (policies as PolicyEntry[]) : []
  return [
    ...inConditions(claims, [...path, 'claims']),
    ...inConditions(requiredClaims, [...path, 'requiredClaims']),
    ...inner.flatMap((one, at) => inClaims(one, [...path, 'policies', at])),
  ]
}

function inMatch({ headers, query }: MatchSpec, path: Path): Problem[] {
  return [
    ...inConditions(headers, [...path, 'headers']),
    ...inConditions(query, [...path, 'query']),
  ]
}

/** Finds `{ "regex" }` however deep it stands in lists and `not`. */
function inConditions(value: unknown, path: Path): Problem[] {
  if (typeof value !== 'object' || value === null) return []
  if ('regex' in value && typeof value.regex === 'string') {
    return isAnchored(value.regex) ? [] : [unanchored([...path, 'regex'])]
  }
  return Object.entries(value).flatMap(([key, inner]) => inConditions(inner, [...path, key]))
}

function unanchored(path: Path): Problem {
  const expected = 'a pattern from "^" to "$"'
  const message = `expected ${expected}, found one that also holds for longer values`
  return warned(path, 'PATTERN_UNANCHORED', message, { expected })
}

/** Whether every alternative of the pattern begins with `^` and ends with `$`. */
export function isAnchored(source: string): boolean {
  return alternativesIn(source).every(
    (alternative) => alternative.startsWith('^') && /(?<!\\)(?:\\\\)*\$$/.test(alternative),
  )
}

/** Splits at each `|` that stands in no group and no class. */
function alternativesIn(source: string): string[] {
  const parts = ['']
  let depth = 0
  let isClass = false
  for (const [token] of source.matchAll(/\\.|[\s\S]/gu)) {
    if (token === '[') isClass = true
    else if (token === ']') isClass = false
    else if (token === '(' && !isClass) depth++
    else if (token === ')' && !isClass) depth--
    if (token === '|' && depth === 0 && !isClass) parts.push('')
    else parts.push(parts.pop() + token)
  }
  return parts
}
