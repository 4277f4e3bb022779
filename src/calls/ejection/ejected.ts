/** Where a step finds what this isolate knows of ejected targets. */
import type { Call } from '../call.ts'
import type { CallScope } from '../order.ts'
import { bindLink } from '../state/bind-link.ts'
import type { EjectionLocal } from './local-core.ts'

/** Null where the upstream has no `ejection`. */
export function bindEjected(scope: CallScope): ((call: Call) => EjectionLocal) | null {
  const link = scope.options.ejection === undefined ? null : bindLink(scope)
  return link === null ? null : (call) => link.of(call).locals.ejection
}
