/**
 * What a request costs a limit: a number, a template, or what the answer says: then a reserve is taken before, and
 * settled after.
 */
import type { Claim } from '../buckets/claims.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { Limit, LimitCode } from '../pipeline/policy.ts'
import { isWrittenObject } from '../schema/written.ts'
import { bindTemplate } from '../template/template.ts'
import { MAX_COST, readCost } from './limit-cost-core.ts'
import type { CostSpec } from './limit-cost-schema.ts'
import { bindByBytes, bindByHeader, bindByJson } from './limit-late-cost.ts'

/** What is asked for before the request goes on, as the document has it; 1 where each request has its own. */
export function leastCost(cost: unknown): number {
  if (typeof cost === 'number') return cost
  if (typeof cost === 'string') return readCost(cost) ?? 1
  return isWrittenObject(cost) && typeof cost.reserve === 'number' ? cost.reserve : 1
}

export interface BoundCost {
  /** What each request asks for, or null where it is its own. */
  readonly fixed: number | null
  costOf(exchange: Exchange): number
  /** What remains to be done when the answer is there. */
  readonly conclude: Limit['conclude']
  /** Whether tickets outlive the headers of the answer. */
  readonly holds: boolean
}

export function bindCost(cost: CostSpec | undefined, code: LimitCode): BoundCost {
  if (cost === undefined || typeof cost === 'number') return bindFixed(cost ?? 1)
  if (typeof cost === 'string') return bindText(cost)
  const { response, reserve } = cost
  if (response.bytes !== undefined) {
    return { ...bindFixed(reserve), conclude: bindByBytes(response.bytes, code), holds: true }
  }
  const conclude =
    response.header === undefined ? bindByJson(response.json ?? '') : bindByHeader(response.header)
  return { ...bindFixed(reserve), conclude }
}

function bindFixed(fixed: number): BoundCost {
  return { fixed, costOf: () => fixed, conclude: null, holds: false }
}

/** What is no number costs 1, as a request without `cost` does: a client that leaves it out gets nothing for free. */
function bindText(template: string): BoundCost {
  const { render } = bindTemplate(template, 'plain')
  const costOf = (exchange: Exchange) => {
    const rendered = render(exchange)
    const cost = typeof rendered === 'string' ? readCost(rendered) : null
    return cost === null ? 1 : Math.min(cost, MAX_COST)
  }
  return { fixed: null, costOf, conclude: null, holds: false }
}

/** The claims with the cost of this request, where that is not the same for all. */
export function withCost(
  claims: readonly Claim[],
  { fixed, costOf }: BoundCost,
  exchange: Exchange,
): readonly Claim[] {
  if (fixed !== null) return claims
  const cost = costOf(exchange)
  return claims.map((claim) => ({ ...claim, cost }))
}
