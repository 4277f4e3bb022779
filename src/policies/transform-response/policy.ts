/**
 * `transform-response`: reads the body of an answer, changes the value, and writes it in the form that goes out. What
 * it does not read passes as the stream that it is.
 */
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { bindAnswering, type Found } from '../../shape/answering.ts'
import { outcomeOf } from '../../shape/outcome.ts'
import { DEFAULT_MAX_BYTES, type ReadOptions } from '../../shape/read-options.ts'
import { bindShaping, type Shaping, type ShapingOptions } from '../../shape/shaping.ts'
import { bindStatuses } from '../../shape/statuses.ts'
import { type BoundSteps, bindSteps } from '../../shape/steps.ts'
import { type AnswerPlan, planAnswer } from './core.ts'
import { readEnvelope } from './envelope.ts'
import type { TransformResponseOptions } from './schema.ts'

export const definition: PolicyDefinition<TransformResponseOptions> = {
  use: 'transform-response',
  stage: 'shape',
  arity: 'many',
  summary: 'Changes the body of the answer: its members, its form, its format.',
  bind: bindTransformResponse,
}

function bindTransformResponse(options: TransformResponseOptions, { name }: BindContext): Wrap {
  const plan = planAnswer(options)
  const steps = bindSteps(options, 'answer')
  const { name: _, mode: __, when: ___, ...seed } = options
  const answering = bindAnswering({
    shaping: bindAnswerShaping(options, plan, steps),
    attributes: steps.attributes,
    seed,
    negotiate: options.negotiate,
    ...plan,
  })
  const { varyBy } = answering

  function note({ event: { policies } }: Exchange, found: Found): void {
    policies[name] = typeof found === 'string' ? found : outcomeOf(found)
  }

  function noteShadow({ event: { policies } }: Exchange, found: Found): void {
    policies[name] =
      typeof found === 'string' ? shadowWord[found] : outcomeOf(found, 'would-refuse')
  }

  return {
    kind: 'wrap',
    around: function transformResponse(exchange, next) {
      if (exchange.outgoing.headers.upgrade !== undefined) return next(exchange)
      if (varyBy.length > 0) exchange.answer.push({ kind: 'list', name: 'vary', values: varyBy })
      return answering.around(exchange, next, note)
    },
    shadow: function watchTransformResponse(exchange, next) {
      return answering.watch(exchange, next, noteShadow)
    },
  }
}

const shadowWord = { changed: 'would-change', passed: 'would-pass', failed: 'failed' } as const

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
