/** `request-headers`: edits the header fields of the request as it goes on; secrets are read once, when bound. */
import type { Refusal } from '../../errors/refusal.ts'
import { type Change, orderChanges } from '../../http/changes.ts'
import { Secret } from '../../http/secret.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import {
  type BindContext,
  type Edit,
  type PolicyDefinition,
  passed,
} from '../../pipeline/policy.ts'
import type { SecretRef } from '../../schema/atoms.ts'
import { attributesOf, bindTemplate, isKnownLate } from '../../template/template.ts'
import { changeHeader } from './core.ts'
import { type RequestHeadersOptions, requestHeadersSchema } from './schema.ts'

export const definition: PolicyDefinition<RequestHeadersOptions> = {
  use: 'request-headers',
  schema: requestHeadersSchema,
  stage: 'shape',
  arity: 'many',
  summary: 'Sets, adds, renames and removes header fields of the request as it goes on.',
  bind: bindRequestHeaders,
  reserves: namesOfCallers,
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
    case 'add':
      return typeof change.value === 'string'
        ? bindText(change.kind, name, change.value)
        : bindSecret(change.kind, name, readSecret(change.value, change, context))
  }
}

function bindConstant(change: Change<string>): Step {
  return function changeAlways(exchange) {
    changeHeader(exchange.outgoing.headers, change)
    return null
  }
}

function bindText(kind: 'set' | 'add', name: string, text: string): Step {
  const template = bindTemplate(text, 'header')
  if (template.constant !== null) return bindConstant({ kind, name, value: template.constant })
  return function renderHeader(exchange) {
    const value = template.render(exchange)
    if (typeof value !== 'string') return value
    changeHeader(exchange.outgoing.headers, { kind, name, value })
    return null
  }
}

function bindSecret(kind: 'set' | 'add', name: string, secret: Secret): Step {
  return function writeSecret(exchange) {
    changeHeader(exchange.outgoing.headers, { kind, name, value: secret.reveal() })
    return null
  }
}

function readSecret(
  { secret, prefix = '' }: SecretRef,
  { kind, name }: Change<unknown>,
  context: BindContext,
): Secret {
  const value = context.environment.secret(secret)
  if (value === undefined) {
    // "~" is the one character of a field name that a JSON Pointer escapes (RFC 6901 §3).
    const place = `${context.pointer}/${kind}/${name.replaceAll('~', '~0')}`
    context.missing(place, 'SECRET_MISSING', secret)
  }
  return new Secret(`${prefix}${value ?? ''}`)
}
