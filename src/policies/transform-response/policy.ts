/**
 * `transform-response`: reads the body of an answer, changes the value, and writes it in the form that goes out. What
 * it does not read passes as the stream that it is.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { readParameter } from '../../http/query.ts'
import { changeQuery } from '../../http/query-changes.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { type FieldTree, parseFields } from '../../shape/fields.ts'
import { bindMarks, fieldsReadBy } from '../../shape/marks.ts'
import { bindNegotiation, type Form } from '../../shape/negotiation.ts'
import { outcomeOf } from '../../shape/outcome.ts'
import { DEFAULT_MAX_BYTES, type ReadOptions } from '../../shape/read-options.ts'
import { bindShaping, type Shaping, type ShapingOptions, type Wanted } from '../../shape/shaping.ts'
import { bindStatuses } from '../../shape/statuses.ts'
import { type BoundSteps, bindSteps } from '../../shape/steps.ts'
import { takeConditionsInside } from '../../shape/tags.ts'
import { letGo } from '../../shape/take-bytes.ts'
import { type AnswerPlan, planAnswer } from './core.ts'
import { readEnvelope } from './envelope.ts'
import { type TransformResponseOptions, transformResponseSchema } from './schema.ts'

export const definition: PolicyDefinition<TransformResponseOptions> = {
  use: 'transform-response',
  schema: transformResponseSchema,
  stage: 'shape',
  arity: 'many',
  summary: 'Changes the body of the answer: its members, its form, its format.',
  bind: bindTransformResponse,
}

/** The form is always known: where Accept has no say the table has. */
type Wish = Wanted & { readonly form: Form }

function bindTransformResponse(options: TransformResponseOptions, { name }: BindContext): Wrap {
  const plan = planAnswer(options)
  const steps = bindSteps(options, 'answer')
  const { parameter } = plan
  const shaping = bindAnswerShaping(options, plan, steps)
  const negotiation = options.negotiate === undefined ? null : bindNegotiation(options.negotiate)
  const { name: _, mode: __, when: ___, ...seed } = options
  const markOf = bindMarks(seed, steps.attributes)
  const varyBy = [...(negotiation === null ? [] : ['Accept']), ...fieldsReadBy(steps.attributes)]

  /** What the client wants, or why that cannot be had: known before the service is asked. */
  function readWish(exchange: Exchange): Wish | Refusal {
    const form = negotiation === null ? plan.form : negotiation.choose(exchange.received.accept)
    if (form === null) return notAcceptable
    const tree = readTree(exchange)
    if (tree !== null && 'code' in tree) return tree
    return { form, tree, mark: markOf(exchange, form.contentType) }
  }

  const notAcceptable = refuse('NOT_ACCEPTABLE', {
    members: { available: negotiation?.available ?? [] },
  })

  function readTree({ target }: Exchange): FieldTree | Refusal | null {
    if (parameter === null || target.query === '') return null
    const text = readParameter(target.query, parameter)
    if (text === null) return null
    return parseFields(text) ?? refuse('FIELDS_INVALID', { members: { parameter } })
  }

  /** Puts the request in terms of the answer that the service gives. */
  function prepare(exchange: Exchange, { tree, mark, form }: Wish): void {
    const { headers } = exchange.outgoing
    takeConditionsInside(exchange, mark)
    // What comes encoded has to be decoded, and goes out without.
    headers['accept-encoding'] = 'identity'
    // The client wants what is made here; the service is asked for what it is made of.
    if (negotiation !== null || form.format !== plan.from) headers.accept = plan.accepts
    if (tree !== null && parameter !== null) {
      const changes = [{ kind: 'remove', name: parameter }] as const
      exchange.outgoing.query = changeQuery(exchange.outgoing.query, changes)
    }
  }

  async function finish(exchange: Exchange, answer: Answer, wanted: Wanted): Promise<Answer> {
    const { policies } = exchange.event
    if (!(answer instanceof Response)) {
      policies[name] = 'passed'
      return answer
    }
    const shaped = await shaping.shape(exchange, answer, wanted)
    if (shaped.kind === 'refused') {
      policies[name] = outcomeOf(shaped)
      return shaped
    }
    policies[name] = shaped.isChanged ? 'changed' : 'passed'
    return shaped.response
  }

  async function watch(exchange: Exchange, answer: Answer, wanted: Wanted): Promise<string> {
    if (!(answer instanceof Response) || !shaping.isRead(exchange, answer, wanted))
      return 'would-pass'
    const shaped = await shaping.shape(exchange, answer.clone(), wanted)
    if (shaped.kind === 'refused') return outcomeOf(shaped, 'would-refuse')
    // A copy that nobody reads would make the runtime hold all of the body for it.
    letGo(shaped.response.body)
    return shaped.isChanged ? 'would-change' : 'would-pass'
  }

  return {
    kind: 'wrap',
    around: async function transformResponse(exchange, next) {
      if (exchange.outgoing.headers.upgrade !== undefined) return next(exchange) // Never has a body.
      if (varyBy.length > 0) exchange.answer.push({ kind: 'list', name: 'vary', values: varyBy })
      const wanted = readWish(exchange)
      if ('code' in wanted) {
        exchange.event.policies[name] = outcomeOf(wanted)
        return wanted
      }
      prepare(exchange, wanted)
      return finish(exchange, await next(exchange), wanted)
    },
    shadow: async function watchTransformResponse(exchange, next) {
      const wanted = readWish(exchange)
      const answer = await next(exchange)
      exchange.event.policies[name] =
        'code' in wanted
          ? outcomeOf(wanted, 'would-refuse')
          : await watch(exchange, answer, wanted).catch(() => 'failed')
      return answer
    },
  }
}

function bindAnswerShaping(
  options: TransformResponseOptions,
  plan: AnswerPlan,
  steps: BoundSteps,
): Shaping {
  const { soap, xml, csv } = options
  const isChosen = bindStatuses(options.statuses)
  const read: ReadOptions = {
    formats: [plan.from],
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    onTooLarge: options.onTooLarge ?? 'refuse',
    xml,
    csv,
  }
  const faults = new Map(Object.entries(soap?.faults ?? {}))
  const own: ShapingOptions['own'] = {
    // Faults come as one of these (SOAP 1.1 §6.2; SOAP 1.2 part 2 §7.5.2.2).
    isRead: (status) => status === 500 || status === 400,
    read: (response) =>
      readEnvelope(response, read, { isChosen: isChosen(response.status), faults }),
  }
  const common = { read, write: { xml, csv }, isChosen, steps }
  return bindShaping(soap === undefined ? common : { ...common, own })
}
