/**
 * Where a match stands in the tree: host and shape of the path. Only matches of one cell compete by their
 * conditions and their order; between cells the more specific host and path win (ROUTES.md §2).
 */
import { parseHostPattern } from '../../match/host-pattern.ts'
import { parsePath } from '../../match/path-pattern.ts'
import type { MatchSpec } from '../../match/schema.ts'

/** Any host is the empty string; a wildcard keeps its `*.`. */
export function hostsOf({ hosts }: MatchSpec): readonly string[] {
  if (hosts === undefined) return ['']
  return hosts.map((host) => {
    const pattern = parseHostPattern(host)
    if (pattern.kind === 'invalid') return host
    return pattern.kind === 'exact' ? pattern.name : `*.${pattern.suffix}`
  })
}

/** One segment of a shape: a literal as it is compared, or null for any. */
export type ShapeSegment = string | null

export type Shape =
  | {
      readonly kind: 'segments'
      readonly segments: readonly ShapeSegment[]
      readonly rest: boolean
    }
  | { readonly kind: 'regex'; readonly source: string }

/** The path without the names of its parameters; a match without a path takes every one. */
export function shapeOf({ path }: MatchSpec): Shape {
  if (path === undefined) return { kind: 'segments', segments: [], rest: true }
  if (typeof path !== 'string') return { kind: 'regex', source: path.regex }
  const pattern = parsePath(path)
  if (pattern.kind === 'invalid') return { kind: 'regex', source: path }
  const segments = pattern.segments.map((segment) =>
    segment.kind === 'literal' ? segment.spellings[0]! : null,
  )
  return { kind: 'segments', segments, rest: pattern.rest !== null }
}

/** The same text for the same shape. Literals hold no bare ":" or "*" at their start, so no two shapes meet. */
export function shapeKey(shape: Shape): string {
  if (shape.kind === 'regex') return `~${shape.source}`
  const segments = shape.segments.map((segment) => `/${segment ?? ':'}`).join('')
  return shape.rest ? `${segments}/*` : segments
}

/** The conditions beside host, path and method, in one order; equal text is equal conditions. */
export function conditionsKey({ headers, query, body, client }: MatchSpec): string {
  if (!headers && !query && !body && !client) return ''
  return JSON.stringify([
    sorted(headers, (name) => name.toLowerCase()),
    sorted(query),
    sorted(body),
    sorted(client),
  ])
}

function sorted(map: object | undefined, fold = (name: string) => name): [string, unknown][] {
  return Object.entries(map ?? {})
    .map(([name, value]): [string, unknown] => [fold(name), value])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
