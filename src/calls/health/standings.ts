/** Where a step finds which targets the fleet's prober takes for unhealthy. */
import type { Call } from '../call.ts'
import type { CallScope } from '../order.ts'
import { bindPartLink } from '../state/bind-link.ts'
import type { HealthLocal } from './local.ts'

/** Null where the upstream has no `health`. */
export function bindHealthStandings(scope: CallScope): ((call: Call) => HealthLocal) | null {
  const link = scope.options.health === undefined ? null : bindPartLink(scope, 'health')
  return link === null ? null : (call) => link.of(call).locals.health
}
