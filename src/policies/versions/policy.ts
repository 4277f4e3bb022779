/**
 * `versions`: finds out which version of an API a client has, turns its requests into those of the newest and the
 * answers back, tells of versions that end, and counts who still uses which.
 */
import { countUse, tellUsesWhenDue, usePrefix, usesOf } from '../../buckets/uses/counts.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer, AnswerEdit, Exchange, Identity } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { fieldsReadBy } from '../../shape/marks.ts'
import { bindSteps } from '../../shape/steps.ts'
import { takeConditionsInside } from '../../shape/tags.ts'
import { lowerAnswer } from './answer.ts'
import { bindChains, type Chain, raise } from './chain.ts'
import { bindFind, hasEnded, type Lifecycle, lifecycleFields, orderVersions } from './core.ts'
import type { VersionOptions, VersionsOptions } from './schema.ts'
import { bindSource, type Source } from './sources.ts'

export const definition: PolicyDefinition<VersionsOptions> = {
  use: 'versions',
  stage: 'shape',
  arity: 'one',
  summary:
    'Serves older versions of an API: requests upward, answers downward, and who uses which.',
  bind: bindVersions,
  reads: readsOf,
}

interface Version {
  readonly name: string
  readonly chain: Chain
  readonly life: Lifecycle
  /** Of every answer to a client of this version. */
  readonly edits: readonly AnswerEdit[]
  /** Of what is counted of it on this route. */
  readonly uses: string
}

type Chosen =
  | { readonly kind: 'chosen'; readonly version: Version; readonly source: Source | null }
  | Refusal

function bindVersions(options: VersionsOptions, context: BindContext): Wrap {
  const { name: policy } = context
  const ordered = orderVersions(Object.keys(options.versions))
  const newest = ordered.at(-1) as string
  const sources = sourcesOf(options).map((source) => bindSource(source, newest))
  const find = bindFind(ordered)
  const versions = bindEach(ordered, options, context)
  const fallback = versions[ordered.indexOf(options.default ?? newest)] as Version
  const vary = varyOf(sources)

  function choose(exchange: Exchange): Chosen {
    for (const source of sources) {
      const asked = source.read(exchange)
      if (asked.length === 0) continue
      const index = firstKnown(asked)
      if (index === null) return refuseUnknown(exchange, undefined)
      const beside = source.readBeside?.(exchange) ?? asked
      if (beside.length > 0 && beside !== asked && firstKnown(beside) !== index) {
        return refuseUnknown(exchange, 'Accept and Content-Type name different versions.')
      }
      return { kind: 'chosen', version: versions[index] as Version, source }
    }
    if (options.required === true) return refuseUnknown(exchange, 'The request names no version.')
    return { kind: 'chosen', version: fallback, source: null }
  }

  function firstKnown(asked: readonly string[]): number | null {
    for (const name of asked) {
      const index = find(name)
      if (index !== null) return index
    }
    return null
  }

  /** Of versions that are not there the request says nothing that could be repeated. */
  function refuseUnknown({ startedAt }: Exchange, detail: string | undefined): Refusal {
    const members = { versions: servedAt(startedAt) }
    const reason = 'version-unknown'
    return refuse('VERSION_UNKNOWN', { members, reason, ...(detail && { detail }) })
  }

  function servedAt(now: number): readonly string[] {
    return versions.flatMap(({ name, life }) => (hasEnded(life, now) ? [] : [name]))
  }

  /** Notes and counts the version; the refusal where it is served no more. */
  function enter(exchange: Exchange, { name, life, uses }: Version): Refusal | null {
    const { event, identity, ports, startedAt } = exchange
    event.version = name
    countUse(usesOf(ports, startedAt), uses, callerOf(identity))
    if (!hasEnded(life, startedAt)) return null
    const members = { versions: servedAt(startedAt) }
    return refuse('VERSION_ENDED', { members, reason: 'version-ended' })
  }

  function pass(exchange: Exchange, version: Version, source: Source | null, next: Next) {
    for (const one of sources) one.pass(exchange)
    const { chain, name } = version
    const write = source?.markType
    const markType = write === undefined ? null : (type: string) => write(type, name)
    const { lowering, statusOf } = chain
    if (lowering !== null) takeConditionsInside(exchange, lowering.markOf(exchange))
    const lowers = lowering !== null || statusOf !== null || markType !== null
    function lower(answer: Answer): Answer | Promise<Answer> {
      return answer instanceof Response ? lowerAnswer(exchange, answer, chain, markType) : answer
    }
    function goOn(): Answer | Promise<Answer> {
      const answer = next(exchange)
      if (!lowers) return answer
      return answer instanceof Promise ? answer.then(lower) : lower(answer)
    }
    const raised = raise(exchange, chain)
    if (raised === null) return goOn()
    return raised instanceof Promise ? raised.then((late) => late ?? goOn()) : raised
  }

  return {
    kind: 'wrap',
    around: function versions(exchange, next) {
      if (vary !== null) exchange.answer.push(vary)
      const { policies } = exchange.event
      const chosen = choose(exchange)
      if (chosen.kind === 'refused') {
        policies[policy] = 'refused:version-unknown'
        return chosen
      }
      const { version, source } = chosen
      exchange.answer.push(...version.edits)
      const ended = enter(exchange, version)
      policies[policy] = ended === null ? 'passed' : 'refused:version-ended'
      return tellAfter(exchange, ended ?? pass(exchange, version, source, next))
    },
    shadow: function watchVersions(exchange, next) {
      const { policies } = exchange.event
      const chosen = choose(exchange)
      if (chosen.kind === 'refused') {
        policies[policy] = 'would-refuse:version-unknown'
        return next(exchange)
      }
      const ended = enter(exchange, chosen.version)
      policies[policy] = ended === null ? 'would-change' : 'would-refuse:version-ended'
      return tellAfter(exchange, next(exchange))
    },
  }
}

/** Nothing is deferred before the answer is there. */
function tellAfter(exchange: Exchange, answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
  if (answer instanceof Promise) {
    return answer.then((late) => {
      tellUses(exchange)
      return late
    })
  }
  tellUses(exchange)
  return answer
}

function tellUses({ ports }: Exchange): void {
  const now = ports.clock.now()
  tellUsesWhenDue(usesOf(ports, now), ports, now)
}

/** Consumers have names that the operator gave them; of others only the kind of their credential is counted. */
function callerOf(identity: Identity | null): string {
  if (identity === null) return 'anonymous'
  const { consumer, authority } = identity
  return consumer === null ? `authority:${authority.split(':', 1)[0]}` : `consumer:${consumer.name}`
}

function bindEach(
  ordered: readonly string[],
  options: VersionsOptions,
  { route }: BindContext,
): readonly Version[] {
  const chains = bindChains(ordered, options)
  return ordered.map((name, index) => {
    const life = lifeOf(options.versions[name] ?? {})
    const chain = chains[index] as Chain
    const edits = editsOf(name, life, options.answerHeader)
    const fields = fieldsReadBy(chain.down.attributes)
    if (fields.length > 0) edits.push({ kind: 'list', name: 'Vary', values: fields })
    return {
      name,
      chain,
      life,
      edits: Object.freeze(edits),
      uses: usePrefix(route, name),
    }
  })
}

function lifeOf({ deprecated, sunset, link, afterSunset }: VersionOptions): Lifecycle {
  return {
    deprecatedAt: deprecated === undefined ? null : Date.parse(deprecated),
    sunsetAt: sunset === undefined ? null : Date.parse(sunset),
    link: link ?? null,
    isRefusedAfter: afterSunset === 'refuse',
  }
}

function editsOf(name: string, life: Lifecycle, answerHeader: string | undefined): AnswerEdit[] {
  const edits: AnswerEdit[] = lifecycleFields(life).map(([field, value]) => ({
    // A service may have links of its own.
    kind: field === 'Link' ? 'add' : 'set',
    name: field,
    value,
  }))
  if (answerHeader !== undefined) edits.push({ kind: 'set', name: answerHeader, value: name })
  return edits
}

function varyOf(sources: readonly Source[]): AnswerEdit | null {
  const values = sources.flatMap(({ varies }) => varies ?? [])
  return values.length === 0 ? null : { kind: 'list', name: 'Vary', values }
}

function sourcesOf({ from }: VersionsOptions) {
  return Array.isArray(from) ? from : [from]
}

/** Where no request of any version is changed, all versions ask the service for the same. */
function readsOf(options: VersionsOptions): readonly string[] {
  const { versions } = options
  const requests = Object.values(versions).flatMap(({ request }) => request ?? [])
  const isKept = sourcesOf(options).some(({ onward }) => onward === 'newest' || onward === 'keep')
  if (requests.length === 0 && !isKept) return []
  const steps = requests.flatMap(({ query: _, ...steps }) => bindSteps(steps).attributes)
  const sources = sourcesOf(options).flatMap((source) => bindSource(source, '').reads)
  return [...new Set([...sources, ...steps])]
}
