/**
 * A guarded route beside a laxer catch-all of the same host: while `paths` keeps an ambiguous form, a path in
 * that form misses the guarded route, reaches the catch-all, and a service may read it as the guarded path.
 */
import type { MatchSpec } from '../../match/schema.ts'
import { registry } from '../../policies/registry.ts'
import { choosePolicies } from '../policies.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { alternativesOf } from './alternatives.ts'
import { hostsOf, type Shape, shapeKey, shapeOf } from './cells.ts'
import { warned } from './note.ts'
import { methodOf, sampleHost, sampleSegments } from './witness.ts'

export function checkBypasses(table: RouteTable): Problem[] {
  const kept = (['emptySegments', 'encodedSlash', 'semicolon'] as const).filter(
    (rule) => (table.paths?.[rule] ?? 'keep') === 'keep',
  )
  if (kept.length === 0) return []
  const guards = table.routes.map((_, index) => guardsOf(table, index))
  const catchAlls = collectCatchAlls(table)
  return table.routes.flatMap((route, index) => {
    for (const { spec } of alternativesOf(route.match)) {
      const bypass = findBypass(spec, guards, index, catchAlls, kept)
      if (bypass === null) continue
      const { rule, witness, missing } = bypass
      const name = table.routes[bypass.route]!.name
      const message = `route "${name}" takes ${witness} without the ${missing.join(', ')} of this route, while \`paths.${rule}\` is "keep"`
      return [warned(['routes', index], 'ROUTE_BYPASS', message, { witness })]
    }
    return []
  })
}

type PathRule = 'emptySegments' | 'encodedSlash' | 'semicolon'

/** Uses of the policies that keep callers out. */
function guardsOf(table: RouteTable, index: number): ReadonlySet<string> {
  const chosen = choosePolicies(table, table.routes[index]!, index)
  const guards = chosen.filter(({ entry }) => entry.mode !== 'shadow' && isGuard(entry.use))
  return new Set(guards.map(({ entry }) => entry.use))
}

function isGuard(use: keyof typeof registry): boolean {
  const stage: string = registry[use].stage
  return use === 'ip-filter' || use === 'geo-filter' || stage === 'identify' || stage === 'permit'
}

interface CatchAll {
  readonly route: number
  readonly spec: MatchSpec
}

/** Matches that take all paths under a prefix, by host and prefix. */
function collectCatchAlls(table: RouteTable): ReadonlyMap<string, CatchAll[]> {
  const found = new Map<string, CatchAll[]>()
  for (const [route, { match }] of table.routes.entries()) {
    for (const { spec } of alternativesOf(match)) {
      const shape = shapeOf(spec)
      if (shape.kind === 'regex' || !shape.rest) continue
      for (const host of hostsOf(spec)) {
        const key = `${host}\n${shapeKey(shape)}`
        found.set(key, [...(found.get(key) ?? []), { route, spec }])
      }
    }
  }
  return found
}

interface Bypass {
  readonly route: number
  readonly rule: PathRule
  readonly witness: string
  /** What the laxer route lacks. */
  readonly missing: readonly string[]
}

function findBypass(
  spec: MatchSpec,
  guards: readonly ReadonlySet<string>[],
  index: number,
  catchAlls: ReadonlyMap<string, readonly CatchAll[]>,
  kept: readonly PathRule[],
): Bypass | null {
  const own = guards[index]!
  if (own.size === 0) return null
  const shape = shapeOf(spec)
  if (shape.kind === 'regex') return null
  for (const host of hostsOf(spec)) {
    for (let depth = shape.segments.length - 1; depth >= 0; depth--) {
      const path = ambiguousPath(shape, depth, kept)
      if (path === null) continue
      const prefix = shapeKey({ ...shape, segments: shape.segments.slice(0, depth), rest: true })
      for (const key of coveringHosts(host)) {
        for (const catchAll of catchAlls.get(`${key}\n${prefix}`) ?? []) {
          const missing = [...own].filter((use) => !guards[catchAll.route]!.has(use))
          if (missing.length === 0 || !shareMethod(spec, catchAll.spec)) continue
          const witness = `${methodOf(spec)} https://${sampleHost(host)}${path.text}`
          return { route: catchAll.route, rule: path.rule, witness, missing }
        }
      }
    }
  }
  return null
}

/** The path of the shape, written so that it leaves the shape after `depth` segments and not before. */
function ambiguousPath(
  shape: Shape & { kind: 'segments' },
  depth: number,
  kept: readonly PathRule[],
): { readonly rule: PathRule; readonly text: string } | null {
  const head = sampleSegments(shape.segments.slice(0, depth)).map((segment) => `/${segment}`)
  const tail = sampleSegments(shape.segments.slice(depth))
  const isLiteral = shape.segments[depth] !== null
  for (const rule of kept) {
    if (rule === 'emptySegments') return { rule, text: `${head.join('')}//${tail.join('/')}` }
    // A parameter takes any segment, so these two forms do not leave it.
    if (!isLiteral) continue
    const [first, ...rest] = tail
    const written = rule === 'encodedSlash' ? `${first}%2Fx` : `${first};x`
    return { rule, text: [...head, `/${written}`, ...rest.map((part) => `/${part}`)].join('') }
  }
  return null
}

/** The host itself, the wildcards above it, and any host: where a request falls through to. */
function coveringHosts(host: string): string[] {
  const labels = host.replace(/^\*\./, '').split('.')
  const wildcards = labels.map((_, index) => `*.${labels.slice(index + 1).join('.')}`).slice(0, -1)
  return host === '' ? [''] : [host, ...wildcards, '']
}

function shareMethod(guarded: MatchSpec, lax: MatchSpec): boolean {
  return lax.methods === undefined || lax.methods.includes(methodOf(guarded))
}
