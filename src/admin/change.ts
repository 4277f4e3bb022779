/** Ends a change of the table: in force in this isolate at once, and answered. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { Answer } from '../pipeline/exchange.ts'
import type { PutOutcome, Unavailable } from '../platform/ports.ts'
import type { AcceptedTable } from './accept-table.ts'
import type { AdminCall, AdminParts } from './call.ts'

export function concludeChange(
  outcome: PutOutcome,
  table: AcceptedTable & { kind: 'accepted' },
  { source }: AdminParts,
  { ports }: AdminCall,
): Answer {
  switch (outcome.kind) {
    case 'put': {
      const { version, plan, warnings } = table
      source.adopt({ plan, version, warnings, lacks: [] }, outcome.stamp, ports.clock.now())
      const body = { version, routes: plan.routes.length, warnings }
      return Response.json(body, { headers: { ETag: `"${version}"` } })
    }
    case 'conflict':
      return refuse('TABLE_VERSION_CONFLICT', { members: { current: outcome.current } })
    case 'unknown-version':
      return refuse('TABLE_VERSION_UNKNOWN')
    case 'unavailable':
      return refuseUnavailable(outcome)
  }
}

export function refuseUnavailable({ retryAfterSeconds }: Unavailable): Refusal {
  return refuse('STORE_UNAVAILABLE', {
    detail: 'The owner of the table cannot read or write it now.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}
