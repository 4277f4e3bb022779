/**
 * `concurrency`: so many requests of a key at the same time, over all isolates. A request holds its slot until its
 * answer has ended; an isolate that dies loses its slots when their time is over.
 */
import type { Claim } from '../../buckets/claims.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { BindContext, Limit, LimitUse, PolicyDefinition } from '../../pipeline/policy.ts'
import { bindPerKey } from '../limit-key.ts'
import { DEFAULT_STORE_TIMEOUT_MS } from '../limit-schema.ts'
import { decideHold } from './core.ts'
import { type RuntimeSocket, watchBody, watchSocket } from './hold.ts'
import { type ConcurrencyOptions, concurrencySchema } from './schema.ts'

export const definition: PolicyDefinition<ConcurrencyOptions> = {
  use: 'concurrency',
  schema: concurrencySchema,
  stage: 'limit',
  arity: 'many',
  summary: 'Lets so many requests of a caller run at the same time.',
  bind: bindConcurrency,
}

function bindConcurrency(options: ConcurrencyOptions, context: BindContext): Limit {
  const { limit, storeTimeoutMs = DEFAULT_STORE_TIMEOUT_MS, onStoreFault = 'local' } = options
  const shape = Object.freeze({ kind: 'slots', limit })
  return {
    kind: 'limit',
    code: 'CONCURRENCY_LIMITED',
    claims: bindPerKey(options, context, (place): readonly Claim[] => [
      { label: context.name, place, shape, cost: 1, storeTimeoutMs, onStoreFault },
    ]),
    legacyHeaders: false,
    conclude: holdUntilEnd,
    holds: true,
  }
}

/** What the runtime adds to a response that is an upgrade; Node, where unit tests run, has no such property. */
interface Upgrade {
  readonly webSocket?: RuntimeSocket | null
}

function holdUntilEnd({ exchange, answer, tickets }: LimitUse): Answer {
  const ended = () => {
    for (const ticket of tickets) ticket.settle()
  }
  // limits.ts ends what a refusal leaves open.
  if (!(answer instanceof Response)) return answer
  const { body, headers } = answer
  const { webSocket } = answer as Upgrade
  const hold = decideHold({
    called: exchange.event.upstream !== null,
    upgraded: webSocket !== null && webSocket !== undefined,
    hasBody: body !== null,
    length: headers.get('content-length'),
  })
  switch (hold) {
    case 'answer':
      ended()
      return answer
    case 'body':
      return watchBody(answer, body as ReadableStream, {
        ports: exchange.ports,
        left: exchange.request.signal,
        ended,
      })
    case 'socket':
      return watchSocket(answer, webSocket as RuntimeSocket, { ended })
  }
}
