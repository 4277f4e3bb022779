/**
 * `profiles`: finds out which kind of client calls, asks the service for what that kind needs, and gives each its own
 * shape of the answer.
 */
import type { AnswerEdit, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { type Answering, bindAnswering, type Found } from '../../shape/answering.ts'
import { parameterOf } from '../../shape/fields.ts'
import { outcomeOf } from '../../shape/outcome.ts'
import { DEFAULT_MAX_BYTES } from '../../shape/read-options.ts'
import { bindShaping } from '../../shape/shaping.ts'
import { bindStatuses } from '../../shape/statuses.ts'
import { bindSteps } from '../../shape/steps.ts'
import { bindChoice } from './choice.ts'
import { fieldsOfChoice, isClientHint } from './core.ts'
import { attributesOfRequest, bindRequest, type ChangeRequest, fieldsOfCallers } from './request.ts'
import type { ProfileOptions, ProfileResponse, ProfilesOptions } from './schema.ts'

export const definition: PolicyDefinition<ProfilesOptions> = {
  use: 'profiles',
  stage: 'shape',
  arity: 'one',
  summary: 'Gives each kind of client (mobile, web, tv, partner) its own shape of the answers.',
  bind: bindProfiles,
  reads: readsOf,
  reserves: reservedBy,
}

interface Profile {
  readonly name: string
  /** Null where it asks the service for what the client asks. */
  readonly change: ChangeRequest | null
  /** Null where answers pass as they are. */
  readonly answering: Answering | null
  /** Of every answer to a client of this profile. */
  readonly named: AnswerEdit | null
}

function bindProfiles(options: ProfilesOptions, context: BindContext): Wrap {
  const policy = context.name
  const choose = bindChoice(options)
  const profiles = new Map(
    Object.entries(options.profiles).map(
      ([name, profile]) => [name, bindProfile(name, profile, options)] as const,
    ),
  )
  const header = options.header?.toLowerCase() ?? null
  const edits = editsOf(options, profiles.values())

  function find(exchange: Exchange): Profile | null {
    const name = choose(exchange)
    return name === null ? null : (profiles.get(name) ?? null)
  }

  return {
    kind: 'wrap',
    around: function profiles(exchange, next) {
      const { outgoing, answer, event } = exchange
      answer.push(...edits)
      const profile = find(exchange)
      if (profile === null) {
        event.policies[policy] = 'passed'
        return next(exchange)
      }
      const { name, change, answering, named } = profile
      event.policies[policy] = `profile:${name}`
      if (named !== null) answer.push(named)
      if (header !== null) outgoing.headers[header] = name
      const refusal = change === null ? null : change(exchange)
      if (refusal !== null) {
        event.policies[policy] = outcomeOf(refusal)
        return refusal
      }
      // An upgrade has no answer of any shape.
      if (answering === null || outgoing.headers.upgrade !== undefined) return next(exchange)
      return answering.around(exchange, next, note)
    },
    shadow: function watchProfiles(exchange, next) {
      const profile = find(exchange)
      exchange.event.policies[policy] =
        profile === null ? 'would-pass' : `would-profile:${profile.name}`
      if (profile === null || profile.answering === null) return next(exchange)
      return profile.answering.watch(exchange, next, noteShadow)
    },
  }

  /** What was noted before stands where the answer was given its shape, or needed none. */
  function note({ event }: Exchange, found: Found): void {
    if (typeof found !== 'string') event.policies[policy] = outcomeOf(found)
  }

  function noteShadow({ event }: Exchange, found: Found): void {
    if (found === 'failed') event.policies[policy] = found
    if (typeof found !== 'string') event.policies[policy] = outcomeOf(found, 'would-refuse')
  }
}

function bindProfile(
  name: string,
  { request, response }: ProfileOptions,
  options: ProfilesOptions,
): Profile {
  const { answerHeader } = options
  return {
    name,
    change: request === undefined ? null : bindRequest(request),
    answering: response === undefined ? null : bindResponse(name, response, options),
    named: answerHeader === undefined ? null : { kind: 'set', name: answerHeader, value: name },
  }
}

const isSuccess = bindStatuses(undefined)

function bindResponse(
  name: string,
  response: ProfileResponse,
  { maxBytes = DEFAULT_MAX_BYTES, onTooLarge = 'refuse' }: ProfilesOptions,
): Answering {
  const { xml, csv, negotiate, fields } = response
  const steps = bindSteps(response, 'answer')
  const read = { formats: ['json'], maxBytes, onTooLarge } as const
  return bindAnswering({
    shaping: bindShaping({ read, write: { xml, csv }, isChosen: isSuccess, steps }),
    attributes: steps.attributes,
    // A copy of one profile is never taken for one of another, be they of the same shape today.
    seed: [name, response],
    negotiate,
    form: null,
    from: 'json',
    accepts: 'application/json',
    parameter: parameterOf(fields),
  })
}

/** Of every answer, whatever profile it is for: what another request would have been answered by. */
function editsOf(options: ProfilesOptions, profiles: Iterable<Profile>): readonly AnswerEdit[] {
  const fields = fieldsOfChoice(options)
  const read = [...profiles].flatMap(({ answering }) => answering?.varyBy ?? [])
  const vary = [...new Set([...fields, ...read])]
  const edits: AnswerEdit[] = []
  if (vary.length > 0) edits.push({ kind: 'list', name: 'Vary', values: vary })
  const { hints } = options
  if (hints === undefined || hints === false) return edits
  const asked = fields.filter(isClientHint)
  edits.push({ kind: 'list', name: 'Accept-CH', values: asked })
  if (hints === 'critical') edits.push({ kind: 'list', name: 'Critical-CH', values: asked })
  return edits
}

/** Where all profiles ask the service for the same, one stored answer is for all of them. */
function readsOf(options: ProfilesOptions) {
  const requests = Object.values(options.profiles).flatMap(({ request }) => request ?? [])
  if (requests.length === 0 && options.header === undefined) return []
  const choose = bindChoice(options)
  const chosen = (exchange: Exchange) => choose(exchange) ?? ''
  return [chosen, ...new Set(requests.flatMap(attributesOfRequest))]
}

function reservedBy({ header, profiles }: ProfilesOptions): readonly string[] {
  const requests = Object.values(profiles).flatMap(({ request }) => request ?? [])
  const own = header === undefined ? [] : [header.toLowerCase()]
  return [...own, ...requests.flatMap(fieldsOfCallers)]
}
