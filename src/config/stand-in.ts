/**
 * What stands in a table where a variable could not be resolved: the rest compiles, and nothing passes that
 * the variable would have kept out. The routes concerned answer ROUTE_UNAVAILABLE.
 */
import type { MatchSpec } from '../match/schema.ts'
import type { PolicyEntry } from '../policies/registry.ts'
import { VariableRef } from '../schema/variable-ref.ts'
import type { UpstreamOptions } from '../upstreams/http/schema.ts'
import type { RouteSpec, RouteTable } from './schema.ts'

/** The table without a VariableRef; the pointers are those of the variables that could not be resolved. */
export function standIn(table: RouteTable, unresolved: readonly { pointer: string }[]): RouteTable {
  if (unresolved.length === 0) return table
  const { clientIp, defaults, policySets, upstreams } = table
  return {
    ...table,
    // Fewer trusted proxies: an address is then believed less, never more.
    ...(clientIp && { clientIp: withoutVariables(clientIp) }),
    ...(defaults?.policies && { defaults: { ...defaults, policies: policies(defaults.policies) } }),
    ...(policySets && { policySets: mapValues(policySets, policies) }),
    ...(upstreams && { upstreams: mapValues(upstreams, upstream) }),
    routes: table.routes.map((route) => (holdsVariable(route) ? routeStandIn(route) : route)),
  }
}

const isName = (item: unknown) => typeof item === 'string'

function routeStandIn(route: RouteSpec): RouteSpec {
  const { match, policies: list, upstream: service, redirect, respond, aggregate, ...rest } = route
  return {
    ...rest,
    match: Array.isArray(match) ? match.map(matchStandIn) : matchStandIn(match),
    ...(list && { policies: policies(list) }),
    ...answerStandIn({ upstream: service, redirect, respond, aggregate }),
  }
}

type AnswerSpec = Pick<RouteSpec, 'upstream' | 'redirect' | 'respond' | 'aggregate'>

function answerStandIn(answer: { [Key in keyof AnswerSpec]: AnswerSpec[Key] | undefined }) {
  const given = Object.entries(answer).filter(([, spec]) => spec !== undefined)
  const stood = given.map(([key, spec]) => {
    if (!holdsVariable(spec)) return [key, spec]
    const isInline = key === 'upstream' && !isName(spec) && !Array.isArray(spec)
    const service = spec as UpstreamOptions
    return isInline && 'targets' in service
      ? [key, upstream(service)]
      : ['respond', { status: 500 }]
  })
  return Object.fromEntries(stood) as AnswerSpec
}

// The host that no request has (RFC 6761 §6.4).
const NOWHERE = 'unresolved.invalid'

/**
 * A host or path that is not known is nowhere: the route cannot be reached. Any other condition that is not
 * known counts as holding: the request gets ROUTE_UNAVAILABLE rather than a route that asks for less.
 */
function matchStandIn(match: MatchSpec): MatchSpec {
  if (!holdsVariable(match)) return match
  const { hosts, path, ...rest } = match
  const known = hosts?.filter((host) => !holdsVariable(host))
  const isNowhere = holdsVariable(path) || known?.length === 0
  const conditions = Object.entries(rest).filter(([, condition]) => !holdsVariable(condition))
  return {
    ...(Object.fromEntries(conditions) as Partial<MatchSpec>),
    ...(known && { hosts: known }),
    ...(isNowhere && { hosts: [NOWHERE] }),
    ...(path !== undefined && !holdsVariable(path) && { path }),
  }
}

/** An entry keeps its place, `use` and name, so that `skip`, counts and pointers stay what they were. */
function policies<Entry extends string | PolicyEntry>(list: readonly Entry[]): Entry[] {
  return list.map((entry) => {
    if (typeof entry === 'string' || !holdsVariable(entry)) return entry
    const name = holdsVariable(entry.name) ? {} : { name: entry.name }
    // `off` is never bound, so the options that a bound policy needs may lack.
    return { use: entry.use, mode: 'off', ...name, ...reserving(entry) } as unknown as Entry
  })
}

/** Names that a policy reserves in the whole table stay reserved: the other routes are served. */
function reserving(entry: PolicyEntry): object {
  const { forward, set, add, policies: inner } = entry as Partial<Record<string, unknown>>
  const known = Object.entries({ forward, set, add }).flatMap(([key, fields]) =>
    isFields(fields) ? [[key, knownFields(fields)]] : [],
  )
  const within = Array.isArray(inner) ? { policies: policies(inner as PolicyEntry[]) } : {}
  return { ...Object.fromEntries(known), ...within }
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof VariableRef)
}

function knownFields(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !holdsVariable(value)))
}

/** What is known stays, so that a missing secret beside a missing variable is found as well. */
function upstream(options: UpstreamOptions): UpstreamOptions {
  if (!holdsVariable(options)) return options
  const { targets = [], headers, auth, discover, health, ...rest } = options
  const known = targets.filter((target) => !holdsVariable(target))
  const fields = Object.entries(headers ?? {}).filter(([, value]) => !holdsVariable(value))
  return {
    ...rest,
    targets: known.length > 0 ? known : [`http://${NOWHERE}`],
    ...(headers && { headers: Object.fromEntries(fields) }),
    ...(auth && !holdsVariable(auth) && { auth }),
    ...(discover && !holdsVariable(discover) && { discover }),
    ...(health && !holdsVariable(health) && { health }),
  }
}

function withoutVariables<T>(value: T): T {
  if (Array.isArray(value)) return value.filter((item) => !holdsVariable(item)) as T
  const entries = Object.entries(value as object).map(([key, inner]) => [
    key,
    Array.isArray(inner) ? withoutVariables(inner) : inner,
  ])
  return Object.fromEntries(entries) as T
}

function holdsVariable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof VariableRef || Object.values(value).some(holdsVariable)
}

function mapValues<T>(
  map: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}
