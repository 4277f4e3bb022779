/** `request-id`: the id goes to the service, into the answer, and stands in the event and in every problem. */
import { type Edit, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { decideId } from './core.ts'
import type { RequestIdOptions } from './schema.ts'

export const definition: PolicyDefinition<RequestIdOptions> = {
  use: 'request-id',
  stage: 'observe',
  arity: 'one',
  summary: 'Gives each request an id that the service, the client and the logs share.',
  bind: bindRequestId,
}

function bindRequestId({ header = 'X-Request-ID', inbound = 'replace' }: RequestIdOptions): Edit {
  const name = header.toLowerCase()
  return {
    kind: 'edit',
    apply: function requestId(exchange) {
      if (inbound === 'keep') exchange.id = decideId(exchange.received[name], exchange.id)
      exchange.idHeader = name
      exchange.outgoing.headers[name] = exchange.id
      exchange.answer.push({ kind: 'set', name: header, value: exchange.id })
      return passed
    },
  }
}
