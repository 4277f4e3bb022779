/** Reads what `retry` and `hedge` of an upstream ask for, with every default in place. */
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import { bindFailureRules, type FailureRule } from '../classify.ts'
import type { BudgetRules } from './budget-part.ts'
import type { RetryRules } from './core.ts'
import type { RetryOptions } from './schema.ts'

const DEFAULT_ATTEMPTS = 3
const DEFAULT_BACKOFF = { kind: 'exponential', baseMs: 25, maxMs: 1000 } as const
const DEFAULT_BUDGET_PERCENT = 20 // Envoy's budget_percent.

const defaultRules: readonly FailureRule[] = ['connect-failure', 'reset', 'timeout', 502, 503, 504]

/** Null where each call has one try. */
export function retryRules(retry: RetryOptions | undefined): RetryRules | null {
  if (retry === undefined) return null
  const { attempts = DEFAULT_ATTEMPTS, on = defaultRules, backoff = {} } = retry
  if (attempts === 1) return null
  const { kind = DEFAULT_BACKOFF.kind } = backoff
  // Where one of the two is given it bends the default of the other.
  const baseMs =
    backoff.baseMs ?? Math.min(DEFAULT_BACKOFF.baseMs, backoff.maxMs ?? Number.POSITIVE_INFINITY)
  const maxMs = backoff.maxMs ?? Math.max(DEFAULT_BACKOFF.maxMs, baseMs)
  return { attempts, isRetried: bindFailureRules(on), backoff: { kind, baseMs, maxMs } }
}

/** Null where there is nothing to bound: no call has a second try. */
export function budgetRules({ retry, hedge }: UpstreamOptions): BudgetRules | null {
  if (hedge === undefined && retryRules(retry) === null) return null
  return { percent: retry?.budgetPercent ?? DEFAULT_BUDGET_PERCENT }
}
