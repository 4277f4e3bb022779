/** `${params.x}` in a route must be a name that one of its paths gives. */
import { suggestion } from '../../schema/nearest.ts'
import { attributesOf } from '../../template/parse.ts'
import { eachText } from '../../template/texts.ts'
import { planAggregate } from '../../upstreams/aggregate/plan/plan.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteSpec, RouteTable } from '../schema.ts'
import { alternativesOf, paramsOf } from './alternatives.ts'
import { refused } from './note.ts'

/** Sets and defaults are left out: they serve routes with different paths. */
export function checkParams(table: RouteTable): Problem[] {
  return table.routes.flatMap((route, index) => {
    const { policies, upstream, redirect, respond } = route
    const path = ['routes', index]
    const uses = [
      ...paramsUsed({ policies, upstream, redirect, respond }, path),
      ...paramsOfCalls(route, [...path, 'aggregate']),
      ...paramsOfData(route.graphql?.variables, [...path, 'graphql', 'variables']),
      ...paramsOfData(route.grpc?.request, [...path, 'grpc', 'request']),
    ]
    if (uses.length === 0) return []
    const known = new Set(alternativesOf(route.match).flatMap(({ spec }) => paramsOf(spec)))
    return uses
      .filter(({ name }) => !known.has(name))
      .map(({ name, path }) => unknownParam(name, path, known, route))
  })
}

// Under these every key is data: `x-id` is a header field, not a note.
const MAPS: ReadonlySet<string> = new Set(['headers', 'set', 'add', 'query', 'json', 'claims'])

interface ParamUse {
  readonly name: string
  readonly path: Path
}

function paramsUsed(value: unknown, path: Path): ParamUse[] {
  if (typeof value === 'string') {
    const names = isName(path) && !value.includes('${') ? bareParams(value) : paramsIn(value)
    return names.map((name) => ({ name, path }))
  }
  if (typeof value !== 'object' || value === null) return []
  const isMap = MAPS.has(String(path.at(-1)))
  const uses = Object.entries(value).flatMap(([key, inner]) =>
    // People write in these keys; nothing reads them.
    !isMap && (key === 'description' || key.startsWith('x-'))
      ? []
      : paramsUsed(inner, [...path, key]),
  )
  if (isRewrite(value)) return [...uses, ...shortParams(value.path, [...path, 'path'])]
  return isVersions(value) ? [...uses, ...versionParams(value.from, [...path, 'from'])] : uses
}

/** Calls have names of their own, and expressions. */
function paramsOfCalls({ aggregate }: RouteSpec, path: Path): ParamUse[] {
  if (aggregate === undefined) return []
  const planned = planAggregate(aggregate)
  const { attributes } = planned.kind === 'plan' ? planned.plan : planned
  return attributes.flatMap(({ name, path: at }) =>
    name.startsWith('params.')
      ? [{ name: name.slice('params.'.length), path: [...path, ...at] }]
      : [],
  )
}

/** Every key of it is the service's. */
function paramsOfData(value: unknown, path: Path): ParamUse[] {
  const uses: ParamUse[] = []
  eachText(value, path, (text, at) => {
    for (const name of paramsIn(text)) uses.push({ name, path: at })
  })
  return uses
}

function paramsIn(text: string): string[] {
  if (!text.includes('${params.')) return []
  return attributesOf(text)
    .filter((name) => name.startsWith('params.'))
    .map((name) => name.slice('params.'.length))
}

// Lists of names: in them `params.x` stands without braces (ROUTES.md §1).
const LISTS: ReadonlySet<string> = new Set(['by', 'hash', 'varyBy'])

function isName(path: Path): boolean {
  // A route's own answers are data: a `by` in them is a word.
  const isRead = path[2] === 'policies' || path[2] === 'upstream'
  return isRead && LISTS.has(String(path.at(-2))) && !MAPS.has(String(path.at(-3)))
}

function bareParams(text: string): string[] {
  return text.startsWith('params.') ? [text.slice('params.'.length)] : []
}

function isRewrite(value: object): value is { path: string } {
  return (
    'use' in value && value.use === 'rewrite' && 'path' in value && typeof value.path === 'string'
  )
}

function isVersions(value: object): value is { from: object } {
  return 'use' in value && value.use === 'versions' && 'from' in value
}

/** A place of `from` that is in the path: `{ "path": true }` is the parameter `version`. */
function versionParams(from: object, path: Path): ParamUse[] {
  if (Array.isArray(from)) {
    return from.flatMap((one: object, index) => versionParams(one, [...path, index]))
  }
  if ('path' in from) return [{ name: 'version', path: [...path, 'path'] }]
  const named = 'param' in from && typeof from.param === 'string'
  return named ? [{ name: from.param as string, path: [...path, 'param'] }] : []
}

/** `:name` at the start of a segment is short for `${params.name}` (ROUTES.md §5, rewrite). */
function shortParams(text: string, path: Path): ParamUse[] {
  return [...text.matchAll(/\/:([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => ({
    name: name!,
    path,
  }))
}

function unknownParam(
  name: string,
  path: Path,
  known: ReadonlySet<string>,
  route: RouteSpec,
): Problem {
  const listed = known.size === 0 ? 'it has none' : `it has ${[...known].join(', ')}`
  const expected = `a parameter of a path of route "${route.name}"`
  const message = `expected ${expected}, found "${name}"${suggestion(name, known) || `; ${listed}`}`
  return refused(path, 'PARAM_UNKNOWN', message, { found: JSON.stringify(name), expected })
}
