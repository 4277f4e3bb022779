/**
 * What a request costs a limit: a number, a template, or what the answer says: then a reserve is taken before, and
 * settled after. The schema stands here too, so that all limits spell it alike.
 */
import * as z from 'zod/mini'
import type { Claim } from '../buckets/claims.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { Limit, LimitCode } from '../pipeline/policy.ts'
import { described, headerName, integer, object, text } from '../schema/atoms.ts'
import { isWrittenObject, type Note, type Written, withRule } from '../schema/rule.ts'
import { templateText } from '../template/schema.ts'
import { bindTemplate } from '../template/template.ts'
import { MAX_COST, readCost } from './limit-cost-core.ts'
import { bindByBytes, bindByHeader, bindByJson } from './limit-late-cost.ts'

const pointer = text(
  z.regex(/^(?:\/(?:[^~/]|~[01])*)+$/, { error: 'a JSON Pointer as "/usage/total_tokens"' }),
)

const sources = ['header', 'json', 'bytes'] as const

const responseSchema = withRule(
  object({
    header: described('The field of the answer that states the cost.', z.optional(headerName)),
    json: described(
      'JSON Pointer to the cost in the body of the answer, which is read up to 1 MiB before it goes on.',
      z.optional(pointer),
    ),
    bytes: described(
      'How many bytes of the body one token is; taken while the body passes, which is cut off where nothing is left.',
      z.optional(integer(1, 1_000_000_000)),
    ),
  }),
  (written, note) => {
    if (sources.filter((source) => written[source] !== undefined).length === 1) return
    note([], 'expected exactly one of "header", "json", "bytes"')
  },
)

const lateSchema = object({
  response: described('What of the answer states the cost.', responseSchema),
  reserve: described(
    'What is taken before the request goes on; the most that one can cost keeps the limit exact.',
    integer(1, MAX_COST),
  ),
})

/** A text that reads nothing of the request states the same cost for all: then it has to be one. */
const statesCost = z.refine((text: string) => text.includes('${') || readCost(text) !== null, {
  error: 'expected a number, or a template that gives one',
}) as z.core.$ZodCheck<string>

/** The value of `cost`. */
export const costSchema = z.union([integer(0, MAX_COST), lateSchema, templateText(statesCost)])
export type CostSpec = z.infer<typeof costSchema>

/** What is asked for before the request goes on, as the document has it; 1 where each request has its own. */
export function leastCost(cost: unknown): number {
  if (typeof cost === 'number') return cost
  if (typeof cost === 'string') return readCost(cost) ?? 1
  return isWrittenObject(cost) && typeof cost.reserve === 'number' ? cost.reserve : 1
}

/** Notes a cost that a bucket of this size could never admit. */
export function noteCostAbove(burst: unknown, written: Written, note: Note): void {
  const least = leastCost(written.cost)
  // A burst that is none has a problem of its own.
  if (typeof burst !== 'number' || burst < 1 || least <= burst) return
  const key = isWrittenObject(written.cost) ? ['cost', 'reserve'] : ['cost']
  note(
    key,
    `expected at most ${burst}, which is all that the bucket can hold, found ${least}: no request would ever pass`,
  )
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
