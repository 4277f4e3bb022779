/**
 * The limits of a table with their buckets, for `/_gateway/buckets`. Bound on the first such request: a table that is
 * never asked pays nothing.
 */
import type { BoundPolicy, LimitBuckets } from '../pipeline/policy.ts'
import { registry } from '../policies/registry.ts'
import { distinctPolicies } from './distinct-policies.ts'
import type { ChosenPolicy } from './policies.ts'
import type { RouteTable } from './schema.ts'

export interface TableLimit {
  /** Names the policy's buckets: `defaults/<name>`, `set:<set>/<name>`, `route:<route>/<name>`. */
  readonly id: string
  readonly use: string
  readonly mode: 'enforce' | 'shadow'
  readonly routes: readonly string[]
  readonly buckets: LimitBuckets
}

/** By id, in the order of the table. */
export type TableLimits = ReadonlyMap<string, TableLimit>

export interface LimitParts {
  readonly table: RouteTable
  /** Binds a policy for no route in particular; null where this Worker lacks what it needs. */
  bind(policy: ChosenPolicy): BoundPolicy | null
}

export function bindTableLimits({ table, bind }: LimitParts): () => TableLimits {
  let bound: TableLimits | null = null
  return function limits() {
    bound ??= new Map(
      distinctPolicies(table).flatMap((policy) => {
        const { entry, id, routes } = policy
        if (registry[entry.use].stage !== 'limit') return []
        const limit = bind(policy)
        if (limit?.kind !== 'limit') return []
        const mode = entry.mode === 'shadow' ? 'shadow' : 'enforce'
        return [[id, { id, use: entry.use, mode, routes, buckets: limit.buckets }] as const]
      }),
    )
    return bound
  }
}
