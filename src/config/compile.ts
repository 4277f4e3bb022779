/**
 * Binds a sound table into a Plan: matcher, pipelines, upstreams. Pure. Something that this Worker lacks
 * takes its own routes out (ROUTE_UNAVAILABLE) and no other.
 */
import { bindCapacity } from '../calls/adaptive/capacity.ts'
import { adaptiveRules } from '../calls/adaptive/rules.ts'
import { refuse } from '../errors/refusal.ts'
import { PROTECTED_RESOURCE_PATH } from '../http/well-known.ts'
import { buildMatcher } from '../match/matcher.ts'
import type { MatchSpec } from '../match/schema.ts'
import { bindWhen, bodyLimitOf } from '../match/when.ts'
import { bindCaller } from '../pipeline/caller.ts'
import { compose, type Step } from '../pipeline/compose.ts'
import type { Condition } from '../pipeline/condition.ts'
import type { Consumer } from '../pipeline/exchange.ts'
import type { ResolveConsumer } from '../pipeline/identify.ts'
import { policiesOnPreflight, stagesWithoutRoute } from '../pipeline/order.ts'
import {
  type BindContext,
  type BindScope,
  type Capacity,
  type CapacityOptions,
  noRoute,
  type PolicyDefinition,
} from '../pipeline/policy.ts'
import type { Environment } from '../platform/ports.ts'
import { tellUnasked } from '../policies/cache/unasked.ts'
import { type PolicyEntry, registry } from '../policies/registry.ts'
import type { CallerSpec } from '../policies/schema.ts'
import type { Plan as PlanSpec } from '../schema/limits.ts'
import { bindHttpUpstream, type UpstreamScope } from '../upstreams/http/upstream.ts'
import { bindWellKnown } from '../well-known/registry.ts'
import { adaptiveOf } from './adaptive.ts'
import { bindTableLimits } from './buckets.ts'
import { anonymousOf, bindConsumers } from './consumers.ts'
import { bindEnd, type NamedUpstream } from './end.ts'
import { countTokenSources, definitionOf, entriesOf, issuersOf, reservedNames } from './entries.ts'
import { listFleet } from './fleet.ts'
import { othersOf, placedUpstreams } from './placed-upstreams.ts'
import type { BoundRoute, Handler, Missing, Plan, PlannedPolicy } from './plan.ts'
import { isWithin } from './pointer.ts'
import { type ChosenPolicy, chooseDefaults, isOn, listPolicies } from './policies.ts'
import type { RouteSpec, RouteTable } from './schema.ts'
import { shapeReadsOf } from './shape-reads.ts'
import { canariesOf } from './splits.ts'
import { bindUsage } from './usage.ts'
import { listVersions } from './versions.ts'

export interface CompileContext {
  readonly environment: Environment
  readonly version: string
  /** Variables that the table names and this Worker lacks; their places hold stand-ins. */
  readonly absent: readonly Missing[]
}

/** The same, with what holds for the whole table. */
interface BindingContext extends CompileContext {
  readonly resolve: ResolveConsumer
  readonly plans: ReadonlyMap<string, PlanSpec>
  readonly anonymous: Consumer | null
  readonly wellKnown: Plan['wellKnown']
  readonly capacity: BindContext['capacity']
  /** Of the route whose policies are bound. */
  readonly priority: BindContext['priority']
  readonly shapeReads: BindContext['shapeReads']
}

export function compile(table: RouteTable, given: CompileContext): Plan {
  const issuers = issuersOf(table)
  const wellKnown = bindWellKnown({
    table,
    environment: given.environment,
    entries: entriesOf(table).filter(({ mode }) => mode !== 'off'),
    issuers,
  })
  const context = {
    ...given,
    resolve: bindConsumers(table, countTokenSources(table)),
    plans: new Map(Object.entries(table.plans ?? {})),
    anonymous: anonymousOf(table),
    wellKnown,
    priority: null,
    shapeReads: [],
    // Asked of when policies are bound, that is after the upstreams.
    capacity: (options: CapacityOptions) => capacityOf(upstreams, options),
  }
  const upstreams: ReadonlyMap<string, NamedUpstream> = bindUpstreams(table, context)
  const routes = table.routes.map((route, index) =>
    bindRoute(table, route, index, upstreams, context),
  )
  const withoutRoute = bindWithoutRoute(table, context)
  function bindAlone(chosen: ChosenPolicy) {
    const missing = absentWithin([chosen.pointer], context)
    const { policy } = bindStep(chosen, noRoute, context, missing, [])
    return missing.length === 0 ? policy : null
  }
  const plan: Plan = {
    version: context.version,
    paths: {
      emptySegments: table.paths?.emptySegments ?? 'keep',
      encodedSlash: table.paths?.encodedSlash ?? 'keep',
      semicolon: table.paths?.semicolon ?? 'keep',
    },
    clientIp: {
      source: table.clientIp?.source ?? 'auto',
      trustedHops: table.clientIp?.trustedHops ?? 0,
      trustedCidrs: table.clientIp?.trustedCidrs ?? [],
    },
    underscores: table.underscores ?? false,
    reserved: reservedNames(table),
    matcher: buildMatcher(
      table.routes.map((route, index) => ({
        route: index,
        match: Array.isArray(route.match) ? route.match : [route.match],
      })),
    ),
    routes,
    withoutRoute: withoutRoute.run,
    wellKnown,
    missing: oncePerPlace([
      ...context.absent,
      ...withoutRoute.missing,
      ...routes.flatMap((route) => route.missing),
      ...lacksOfOthers(table, upstreams),
    ]),
    fleet: () => listFleet(table),
    usage: bindUsage({ table, resolve: context.resolve, bind: bindAlone }),
    limits: bindTableLimits({ table, bind: bindAlone }),
    versions: () => listVersions(table),
  }
  return Object.freeze(plan)
}

/** What a default or a shared upstream lacks is noted by each route that needs it, and told once. */
function oncePerPlace(missing: readonly Missing[]): readonly Missing[] {
  return [...new Map(missing.map((one) => [one.pointer, one])).values()]
}

/** What upstreams of chains and mirrors lack takes no route out, since others answer; it is told all the same. */
function lacksOfOthers(
  table: RouteTable,
  upstreams: ReadonlyMap<string, NamedUpstream>,
): readonly Missing[] {
  const names = placedUpstreams(table).flatMap(({ options }) =>
    othersOf(options).map(({ name }) => name),
  )
  return [...new Set(names)].flatMap((name) => upstreams.get(name)?.missing ?? [])
}

/** The checks have refused names that are not in the table, and each of the others has rules by then. */
function capacityOf(
  upstreams: ReadonlyMap<string, NamedUpstream>,
  options: CapacityOptions,
): Capacity {
  const link = upstreams.get(options.upstream)?.bound.link
  if (link == null) throw new Error(`nothing is known of upstream ${options.upstream}`)
  return bindCapacity(link, adaptiveRules(options))
}

function bindUpstreams(
  table: RouteTable,
  context: BindingContext,
): ReadonlyMap<string, NamedUpstream> {
  const upstreams = new Map<string, NamedUpstream>()
  const adaptive = adaptiveOf(table)
  const canaries = canariesOf(table)
  for (const [name, options] of Object.entries(table.upstreams ?? {})) {
    const pointer = `/upstreams/${name}`
    const missing = absentWithin([pointer], context)
    const scope = withUpstreams(makeScope(pointer, context, missing), upstreams, table)
    const asked = { ...scope, adaptive: adaptive.get(name), canary: canaries.get(name) }
    upstreams.set(name, { bound: bindHttpUpstream(name, options, asked), missing })
  }
  return upstreams
}

/** Asked on a request, when all are bound; the checks have refused names that are not in the table. */
function withUpstreams(
  scope: BindScope,
  upstreams: ReadonlyMap<string, NamedUpstream>,
  { deadline }: RouteTable,
): UpstreamScope {
  return {
    ...scope,
    deadline,
    upstream(name) {
      const found = upstreams.get(name)
      if (found === undefined) throw new Error(`upstream ${name} is not in the table`)
      return found.missing.length === 0 ? found.bound : null
    },
  }
}

function bindRoute(
  table: RouteTable,
  route: RouteSpec,
  index: number,
  upstreams: ReadonlyMap<string, NamedUpstream>,
  context: BindingContext,
): BoundRoute {
  const pointer = `/routes/${index}`
  const listed = listPolicies(table, route, index)
  const chosen = listed.filter(isOn)
  // A policy that lacks a variable is off (stand-in.ts): without it the route may not be served.
  const needed = [pointer, '/clientIp', ...listed.map((policy) => policy.pointer)]
  const missing = absentWithin(needed, context)
  const own = {
    ...context,
    priority: route.priority ?? null,
    shapeReads: shapeReadsOf(table, route, chosen),
  }
  const steps = bindSteps(chosen, route.name, own, missing)
  const scope = withUpstreams(makeScope(pointer, context, missing), upstreams, table)
  const end = bindEnd({ route, defaults: table.defaults ?? {}, upstreams, scope, missing })
  const preflight = chosen.some(({ entry }) => entry.use === 'cors')
  const run = missing.length === 0 ? compose(steps, end) : bindUnavailable(steps)
  const isCached = steps.some(({ use, mode }) => use === 'cache' && mode === 'enforce')
  return {
    name: route.name,
    pointer,
    run: isCached ? tellUnasked(run) : run,
    preflight: preflight ? compose(only(steps, onPreflight), endPreflight) : null,
    policies: chosen.map(describe),
    missing,
    open: !steps.some(asksWhoCalls),
    resourceMetadata: context.wellKnown.has(PROTECTED_RESOURCE_PATH),
  }
}

/** Whether no anonymous caller passes this step, on any request: with a `when` some requests go past it. */
function asksWhoCalls({ policy, mode, stage, when }: BoundStep): boolean {
  if (mode !== 'enforce' || when !== null) return false
  return policy.kind === 'identify' ? !policy.optional : stage === 'permit'
}

/** The header fields of answers and the observers still run, so that a browser can read the problem. */
function bindUnavailable(steps: readonly BoundStep[]): Handler {
  return compose(
    only(steps, ({ stage }) => stage === 'observe' || stage === 'answer-headers'),
    function unavailable() {
      return refuse('ROUTE_UNAVAILABLE')
    },
  )
}

function bindWithoutRoute(table: RouteTable, context: BindingContext) {
  const chosen = chooseDefaults(table)
  const missing: Missing[] = []
  const steps = bindSteps(chosen, noRoute, context, missing)
  const run = compose(
    only(steps, ({ stage }) => stagesWithoutRoute.includes(stage)),
    function conclude(exchange) {
      return exchange.conclusion ?? refuse('ROUTE_NOT_FOUND')
    },
  )
  return { run, missing }
}

/** The variables that are missing in any of these places. */
function absentWithin(places: readonly string[], { absent }: BindingContext): Missing[] {
  return absent.filter(({ pointer }) => places.some((place) => isWithin(pointer, place)))
}

interface BoundStep extends Step {
  readonly use: string
  readonly stage: PolicyDefinition['stage']
}

function only(steps: readonly BoundStep[], keep: (step: BoundStep) => boolean): readonly Step[] {
  return steps.filter(keep)
}

function onPreflight({ use }: BoundStep): boolean {
  return policiesOnPreflight.includes(use)
}

function endPreflight(): Response {
  return new Response(null, { status: 204 })
}

/** In the order of the stages: a policy may ask what those before it challenge with. */
function bindSteps(
  chosen: readonly ChosenPolicy[],
  route: string,
  context: BindingContext,
  missing: Missing[],
): readonly BoundStep[] {
  const steps: BoundStep[] = []
  for (const policy of chosen) steps.push(bindStep(policy, route, context, missing, steps))
  return steps
}

function challengeOf({ policy }: BoundStep): readonly string[] {
  return policy.kind === 'identify' && policy.challenge !== '' ? [policy.challenge] : []
}

function bindStep(
  { entry, name, pointer, id }: ChosenPolicy,
  route: string,
  context: BindingContext,
  missing: Missing[],
  before: readonly BoundStep[],
): BoundStep {
  // The registry pairs each `use` with the definition that takes its options.
  const definition = definitionOf(entry)
  const scope = makeScope(pointer, context, missing)
  const used = new Set<string>()
  return {
    name,
    use: entry.use,
    stage: definition.stage,
    mode: entry.mode === 'shadow' ? 'shadow' : 'enforce',
    policy: definition.bind(entry, {
      ...scope,
      name,
      id,
      plans: context.plans,
      anonymous: context.anonymous,
      capacity: context.capacity,
      priority: context.priority,
      shapeReads: context.shapeReads,
      route,
      challenges: before.flatMap(challengeOf),
      bindInner(inner, at) {
        const within = {
          entry: inner as PolicyEntry,
          name: nameInner(name, inner.use, used),
          pointer: at,
          id: `${id}.${inner.use}`,
        }
        return bindStep({ ...within, from: 'inner' }, route, context, missing, []).policy
      },
    }),
    resolve: context.resolve,
    when: entry.when === undefined ? null : bindCondition(entry.when),
  }
}

type WhenSpec = MatchSpec & { readonly consumer?: CallerSpec | undefined }

/** `guard.jwt`, and `guard.jwt-2` for the second of its kind: two policies never share a name. */
function nameInner(name: string, use: string, used: Set<string>): string {
  const first = `${name}.${use}`
  let own = first
  for (let count = 2; used.has(own); count++) own = `${first}-${count}`
  used.add(own)
  return own
}

function bindCondition({ consumer, ...spec }: WhenSpec): Condition {
  const limitBytes = bodyLimitOf(spec)
  const holds = bindWhen(spec)
  const caller = consumer === undefined ? null : bindCaller(consumer)
  if (limitBytes === null) return { holds, body: null, caller }
  const { body: _, ...rest } = spec
  return { holds, body: { mayHold: bindWhen(rest), limitBytes }, caller }
}

function makeScope(pointer: string, context: BindingContext, missing: Missing[]): BindScope {
  return {
    pointer,
    environment: context.environment,
    missing(at, code, name, form) {
      missing.push({ pointer: at, code, name, ...(form === undefined ? {} : { form }) })
    },
  }
}

function describe({ entry, name, from }: ChosenPolicy): PlannedPolicy {
  const { use, mode = 'enforce' } = entry
  return { use, name, stage: registry[use].stage, mode, from }
}
