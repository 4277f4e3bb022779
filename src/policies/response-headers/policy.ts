/** `response-headers`: edits the header fields of every answer of the route, problems included. */
import type { Refusal } from '../../errors/refusal.ts'
import { type Change, orderChanges } from '../../http/changes.ts'
import type { AnswerEdit, Exchange } from '../../pipeline/exchange.ts'
import { type Edit, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { attributesOf } from '../../template/parse.ts'
import { bindTemplate } from '../../template/template.ts'
import { isKnownLate } from '../../template/vocabulary.ts'
import { editFor } from './core.ts'
import type { ResponseHeadersOptions } from './schema.ts'

export const definition: PolicyDefinition<ResponseHeadersOptions> = {
  use: 'response-headers',
  stage: 'answer-headers',
  arity: 'many',
  summary: 'Sets, adds, renames and removes header fields of every answer.',
  bind: bindResponseHeaders,
}

/** An edit that is the same for every request, or one that reads the request. */
type Step = AnswerEdit | ((exchange: Exchange) => AnswerEdit | Refusal)

function bindResponseHeaders(options: ResponseHeadersOptions): Edit {
  const steps = orderChanges(options).map(bindStep)
  return {
    kind: 'edit',
    // Values are read now and not when the answer leaves, so that a bad one is refused before the service acts.
    apply: function responseHeaders(exchange) {
      for (const step of steps) {
        const edit = typeof step === 'function' ? step(exchange) : step
        if (edit.kind === 'refused') return edit
        exchange.answer.push(edit)
      }
      return passed
    },
  }
}

function bindStep(change: Change<string>): Step {
  if (change.kind === 'remove' || change.kind === 'rename') return Object.freeze(editFor(change))
  const template = bindTemplate(change.value, 'header')
  if (template.constant !== null) {
    return Object.freeze(editFor({ ...change, value: template.constant }))
  }
  const { kind, name } = change
  if (attributesOf(change.value).some(isKnownLate)) {
    // Who is calling is found out later than this runs; a value that cannot stand in a field is empty then.
    const value = (exchange: Exchange) => {
      const late = template.render(exchange)
      return typeof late === 'string' ? late : ''
    }
    return Object.freeze({ kind, name, value })
  }
  return function renderEdit(exchange) {
    const value = template.render(exchange)
    return typeof value === 'string' ? { kind, name, value } : value
  }
}
