/** How an evaluation that came to no value is told: to the client in general, to the operator by the event. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { Failed, Limited } from './expression.ts'

export function refusalOf(evaluated: Limited | Failed): Refusal {
  switch (evaluated.kind) {
    case 'limited':
      return refuse('TRANSFORM_LIMIT', { reason: `expression-${evaluated.limit}` })
    case 'failed':
      return refuse('TRANSFORM_FAILED', { reason: `expression-${evaluated.reason.toLowerCase()}` })
  }
}
