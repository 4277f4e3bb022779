/** The matches of a route, of which one must hold, each with its place in the document. */

import { parsePath } from '../../match/path-pattern.ts'
import type { MatchSpec } from '../../match/schema.ts'
import type { Path } from '../json.ts'
import type { RouteSpec } from '../schema.ts'

export interface Alternative {
  readonly spec: MatchSpec
  /** From the route. */
  readonly path: Path
}

export function alternativesOf(match: RouteSpec['match']): readonly Alternative[] {
  if (!Array.isArray(match)) return [{ spec: match, path: ['match'] }]
  return match.map((spec, index) => ({ spec, path: ['match', index] }))
}

/** The names that a path gives to `params`. */
export function paramsOf({ path }: MatchSpec): readonly string[] {
  if (path === undefined) return []
  if (typeof path !== 'string') {
    return [...path.regex.matchAll(/\(\?<([A-Za-z_$][\w$]*)>/g)].map(([, name]) => name!)
  }
  const pattern = parsePath(path)
  if (pattern.kind === 'invalid') return []
  const names = pattern.segments.flatMap((segment) =>
    segment.kind === 'param' ? [segment.name] : [],
  )
  const rest = pattern.rest?.name ?? null
  return rest === null ? names : [...names, rest]
}
