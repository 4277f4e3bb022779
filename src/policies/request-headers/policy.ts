/** `request-headers`: edits the header fields of the request as it goes on; secrets are read once, when bound. */
import type { Refusal } from '../../errors/refusal.ts'
import { type Change, orderChanges } from '../../http/changes.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import {
  type BindContext,
  type Edit,
  type PolicyDefinition,
  passed,
} from '../../pipeline/policy.ts'
import type { SecretRef } from '../../schema/atoms.ts'
import { bindHeaderValue } from '../../template/header-value.ts'
import { attributesOf } from '../../template/parse.ts'
import type { BoundTemplate } from '../../template/template.ts'
import { isKnownLate } from '../../template/vocabulary.ts'
import { changeHeader } from './core.ts'
import type { RequestHeadersOptions } from './schema.ts'

export const definition: PolicyDefinition<RequestHeadersOptions> = {
  use: 'request-headers',
  stage: 'shape',
  arity: 'many',
  summary: 'Sets, adds, renames and removes header fields of the request as it goes on.',
  bind: bindRequestHeaders,
  reserves: namesOfCallers,
  reads: ({ set = {}, add = {} }) =>
    [...Object.values(set), ...Object.values(add)].flatMap((value) =>
      typeof value === 'string' ? attributesOf(value) : [],
    ),
}

/**
 * A service believes a field that says who is calling, so a client may not write it where this policy does not
 * run. Not where credentials stand: without them nobody would be known.
 */
function namesOfCallers({ set = {}, add = {} }: RequestHeadersOptions): readonly string[] {
  return [...Object.entries(set), ...Object.entries(add)]
    .filter(([, value]) => typeof value === 'string' && attributesOf(value).some(isKnownLate))
    .map(([name]) => name.toLowerCase())
    .filter((name) => name !== 'authorization' && name !== 'cookie')
}

/** Makes one change, or tells why its value cannot stand in a header. */
type Step = (exchange: Exchange) => Refusal | null

function bindRequestHeaders(options: RequestHeadersOptions, context: BindContext): Edit {
  const steps = orderChanges(options).map((change) => bindStep(change, context))
  return {
    kind: 'edit',
    apply: function requestHeaders(exchange) {
      for (const step of steps) {
        const refusal = step(exchange)
        if (refusal !== null) return refusal
      }
      return passed
    },
  }
}

function bindStep(change: Change<string | SecretRef>, context: BindContext): Step {
  const name = change.name.toLowerCase()
  switch (change.kind) {
    case 'remove':
      return bindConstant({ kind: 'remove', name })
    case 'rename':
      return bindConstant({ kind: 'rename', name, to: change.to.toLowerCase() })
    case 'set':
    case 'add': {
      const place = { list: change.kind, field: change.name }
      return bindWrite(change.kind, name, bindHeaderValue(change.value, place, context))
    }
  }
}

function bindConstant(change: Change<string>): Step {
  return function changeAlways(exchange) {
    changeHeader(exchange.outgoing.headers, change)
    return null
  }
}

function bindWrite(kind: 'set' | 'add', name: string, value: BoundTemplate): Step {
  if (value.constant !== null) return bindConstant({ kind, name, value: value.constant })
  return function renderHeader(exchange) {
    const rendered = value.render(exchange)
    if (typeof rendered !== 'string') return rendered
    changeHeader(exchange.outgoing.headers, { kind, name, value: rendered })
    return null
  }
}
