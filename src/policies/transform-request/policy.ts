/** `transform-request`: reads the body or the query of a request, changes the value, and writes it in its place. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { formatOf } from '../../formats/media-type.ts'
import { writeSoap } from '../../formats/soap.ts'
import { discardBody, readLength } from '../../http/body.ts'
import { emptyFields } from '../../http/headers.ts'
import type { Answer, Exchange, Outgoing } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { outcomeOf } from '../../shape/outcome.ts'
import { DEFAULT_MAX_BYTES, type ReadOptions, type ReadValue } from '../../shape/read-options.ts'
import {
  dropRequestBody,
  putRequestBody,
  readRequestValue,
  unsupported,
  writeRequestValue,
} from '../../shape/request-body.ts'
import { bindSteps } from '../../shape/steps.ts'
import { methodFor, planRequest, queryOfValue, valueOfQuery } from './core.ts'
import type { TransformRequestOptions } from './schema.ts'

export const definition: PolicyDefinition<TransformRequestOptions> = {
  use: 'transform-request',
  stage: 'shape',
  arity: 'many',
  summary: 'Changes the body of the request as it goes on: its members, its form, its format.',
  bind: bindTransformRequest,
  reads: (options) => bindSteps(options, 'request').attributes,
}

/** What became of a request: it stays as it is, it was changed, or it goes nowhere. */
type Changed = 'untouched' | 'changed' | Refusal

function bindTransformRequest(options: TransformRequestOptions, { name }: BindContext): Wrap {
  const { from, to } = planRequest(options)
  const { method, soap, xml, csv } = options
  const steps = bindSteps(options, 'request')
  const read: ReadOptions = {
    formats: from === 'query' ? [] : [from],
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    onTooLarge: options.onTooLarge ?? 'refuse',
    xml,
    csv,
  }
  const refusesOthers = options.onOtherType === 'refuse'

  /** Whether there is nothing to read, which needs no wait to be found out. */
  function hasNothing({ outgoing }: Exchange): boolean {
    return from !== 'query' && outgoing.body === null
  }

  /** A body that is not what this policy reads, where such ones are refused. */
  function judgeType({ headers }: Outgoing): Refusal | null {
    if (!refusesOthers || readLength(headers['content-length']) === 0) return null
    return formatOf(headers['content-type']).format === from ? null : unsupported(read.formats)
  }

  function take(exchange: Exchange, onTooLarge: ReadOptions['onTooLarge']): Promise<ReadValue> {
    if (from !== 'query') return readRequestValue(exchange, { ...read, onTooLarge })
    const decoded = valueOfQuery(exchange.outgoing.query)
    if (decoded.kind === 'value') {
      return Promise.resolve({ kind: 'value', value: decoded.value, format: 'form' })
    }
    const detail = `The query cannot be read: ${decoded.reason}.`
    return Promise.resolve(refuse('BODY_INVALID', { detail }))
  }

  /** Writes into `outgoing`, which in shadow mode is a copy. */
  function write(exchange: Pick<Exchange, 'outgoing'>, value: unknown): Refusal | null {
    const { outgoing } = exchange
    const refusal = put(exchange, value)
    if (refusal !== null) return refusal
    if (from === 'query' && to !== 'query') outgoing.query = ''
    outgoing.method = methodFor(outgoing.method, method, to)
    return null
  }

  function put(exchange: Pick<Exchange, 'outgoing'>, value: unknown): Refusal | null {
    const { outgoing } = exchange
    if (to === 'query') {
      const query = queryOfValue(value)
      if (typeof query !== 'string') return unwritable('as a query', query.reason)
      outgoing.query = query
      dropRequestBody(outgoing)
      return null
    }
    if (soap === undefined) return writeRequestValue(exchange, value, to, { xml, csv })
    const envelope = writeSoap(value, soap, xml)
    if (envelope.kind === 'invalid') return unwritable('in an envelope', envelope.reason)
    putRequestBody(outgoing, envelope.text, envelope.contentType)
    if (envelope.soapAction !== null) outgoing.headers.soapaction = envelope.soapAction
    return null
  }

  async function change(exchange: Exchange): Promise<Changed> {
    const other = judgeType(exchange.outgoing)
    if (other !== null && from !== 'query') {
      discardBody(exchange.outgoing.body)
      return other
    }
    const before = exchange.outgoing.body
    const taken = await take(exchange, read.onTooLarge)
    if (taken.kind === 'untouched') return 'untouched'
    if (taken.kind === 'refused') return taken
    const shaped = await steps.apply(taken.value, occasionOf(exchange))
    if (shaped.kind === 'refused') return shaped
    const refusal = write(exchange, shaped.value)
    if (refusal !== null) return refusal
    // Of a request whose query was read, the body goes no further.
    if (from === 'query') discardBody(before)
    return 'changed'
  }

  async function around(exchange: Exchange, next: Next): Promise<Answer> {
    const changed = await change(exchange)
    const { policies } = exchange.event
    if (typeof changed !== 'string') {
      policies[name] = outcomeOf(changed)
      return changed
    }
    policies[name] = changed === 'changed' ? 'changed' : 'passed'
    return next(exchange)
  }

  /** On a copy of what goes on; the body is read, and stays as it is for who sends it. */
  async function watch(exchange: Exchange): Promise<string> {
    const other = from === 'query' ? null : judgeType(exchange.outgoing)
    if (other !== null) return outcomeOf(other, 'would-refuse')
    const taken = await take(exchange, read.onTooLarge === 'refuse' ? 'tell' : 'pass')
    if (taken.kind === 'untouched') return 'would-pass'
    if (taken.kind === 'refused') return outcomeOf(taken, 'would-refuse')
    const shaped = await steps.apply(taken.value, occasionOf(exchange))
    if (shaped.kind === 'refused') return outcomeOf(shaped, 'would-refuse')
    const headers = Object.assign(emptyFields(), exchange.outgoing.headers)
    const refusal = write({ outgoing: { ...exchange.outgoing, headers } }, shaped.value)
    return refusal === null ? 'would-change' : outcomeOf(refusal, 'would-refuse')
  }

  return {
    kind: 'wrap',
    around: function transformRequest(exchange, next) {
      if (!hasNothing(exchange)) return around(exchange, next)
      exchange.event.policies[name] = 'passed'
      return next(exchange)
    },
    shadow: async function watchTransformRequest(exchange, next) {
      const outcome = hasNothing(exchange)
        ? 'would-pass'
        : await watch(exchange).catch(() => 'failed')
      exchange.event.policies[name] = outcome
      return next(exchange)
    },
  }
}

function occasionOf(exchange: Exchange) {
  return { exchange, now: exchange.ports.clock.now() }
}

function unwritable(as: string, reason: string): Refusal {
  return refuse('BODY_INVALID', {
    detail: `The body cannot be sent on ${as}: ${reason}.`,
    reason: 'unwritable',
  })
}
