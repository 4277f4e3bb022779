/**
 * Asks the limits of a request together (ROUTES.md §5): all of their claims are admitted, or none is taken. Fields,
 * problem, outcomes and what becomes of tokens are written here, once for all limits.
 */
import type { Handler } from '../config/plan.ts'
import type { Step } from './compose.ts'
import type { Limit, Next } from './policy.ts'

export interface LimitStep extends Step {
  readonly policy: Limit
}

export function bindLimits(_steps: readonly LimitStep[], _next: Next): Handler {
  throw new Error('not built')
}
