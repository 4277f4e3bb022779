/**
 * `concurrency`: so many requests of a key at the same time, over all isolates. A request holds its slot until its
 * answer has ended; an isolate that dies loses its slots when their time is over.
 */
import type { Claim } from '../../buckets/claims.ts'
import type { BucketPlace } from '../../buckets/shape.ts'
import { watchEnd } from '../../http/answer-end.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { BindContext, Limit, LimitUse, PolicyDefinition } from '../../pipeline/policy.ts'
import { bindLimitBuckets } from '../limit-buckets.ts'
import { bindPerKey, DEFAULT_STORE_TIMEOUT_MS } from '../limit-key.ts'
import { isStreamed, slotsOf } from './core.ts'
import type { ConcurrencyOptions } from './schema.ts'

export const definition: PolicyDefinition<ConcurrencyOptions> = {
  use: 'concurrency',
  stage: 'limit',
  arity: 'many',
  summary: 'Lets so many requests of a caller run at the same time.',
  bind: bindConcurrency,
}

function bindConcurrency(options: ConcurrencyOptions, context: BindContext): Limit {
  const { limit, storeTimeoutMs = DEFAULT_STORE_TIMEOUT_MS, onStoreFault = 'local' } = options
  const shape = slotsOf(limit)
  const claimsAt = (place: BucketPlace): readonly Claim[] => [
    { label: context.name, place, shape, cost: 1, storeTimeoutMs, onStoreFault },
  ]
  return {
    kind: 'limit',
    code: 'CONCURRENCY_LIMITED',
    claims: bindPerKey(options, context, claimsAt),
    legacyHeaders: false,
    conclude: holdUntilEnd,
    holds: true,
    buckets: bindLimitBuckets(options, context, { shapes: [shape], claims: claimsAt }),
  }
}

function holdUntilEnd({ exchange, answer, tickets }: LimitUse): Answer {
  const ended = () => {
    for (const ticket of tickets) ticket.settle()
  }
  // limits.ts ends what a refusal leaves open.
  if (!(answer instanceof Response)) return answer
  if (isStreamed(exchange.event)) {
    const { ports, request } = exchange
    return watchEnd(answer, { ports, left: request.signal, ended })
  }
  ended()
  return answer
}
