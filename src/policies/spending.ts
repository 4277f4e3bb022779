/** What a caller may spend by its plan: `plan: true` of the limits (ROUTES.md §5). */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { Consumer, Exchange } from '../pipeline/exchange.ts'
import type { BindContext } from '../pipeline/policy.ts'
import type { Spending } from '../schema/limits.ts'

type Specs<Kind extends keyof Spending> = NonNullable<Spending[Kind]>

/**
 * The consumer's own, else those of its plan, else what the consumer `anonymous` has; null where nothing says what
 * the caller may have. The lists are those of the table: one caller gets the same object as long as it serves.
 */
export function bindSpending<Kind extends keyof Spending>(
  kind: Kind,
  { plans, anonymous }: Pick<BindContext, 'plans' | 'anonymous'>,
): (caller: Pick<Exchange, 'identity'>) => Specs<Kind> | null {
  const none = [] as unknown as Specs<Kind>

  function specsOf(consumer: Consumer | null): Specs<Kind> | null {
    if (consumer === null) return null
    const own = consumer.spending?.[kind]
    if (own !== undefined) return own as Specs<Kind>
    // A key may name a plan that the table does not have: then nothing says what it may have.
    const plan = consumer.plan === null ? undefined : plans.get(consumer.plan)
    // A plan without this kind of limit limits nothing.
    return plan === undefined ? null : ((plan[kind] ?? none) as Specs<Kind>)
  }

  const otherwise = specsOf(anonymous)
  return function spendingOf({ identity }) {
    return specsOf(identity?.consumer ?? null) ?? otherwise
  }
}

/** The refusal of a caller of whom nothing says what it may have. */
export const planMissing: Refusal = refuse('PLAN_MISSING')
