/** The arithmetic of costs that a request or an answer states. Pure. */

// As many tokens as a bucket may have (schema/limits.ts).
export const MAX_COST = 1_000_000_000

/** A whole number of tokens that a text states, a fraction rounded up; null where it states none. */
export function readCost(text: string | null): number | null {
  // However long it is: what costs more than any bucket has must not pass as what states no cost.
  return text !== null && /^ *\d+(?:\.\d+)? *$/.test(text) ? roundUp(Number(text)) : null
}

/** The same of a value of JSON, where a number may also stand as a text. */
export function readJsonCost(value: unknown): number | null {
  if (typeof value === 'string') return readCost(value)
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null
  return roundUp(value)
}

function roundUp(value: number): number {
  return Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER)
}

export type Charge =
  /** What was reserved beyond the cost goes back. */
  | { readonly kind: 'settle'; readonly cost: number }
  | { readonly kind: 'overdraw'; readonly beyond: number }

/** What becomes of a reserve once the cost is known; a cost that nobody stated is the reserve. */
export function decideCharge(reserve: number, cost: number | null): Charge {
  if (cost === null || cost <= reserve) return { kind: 'settle', cost: cost ?? reserve }
  // Debts are added up, and sums have to stay exact.
  return { kind: 'overdraw', beyond: Math.min(cost, MAX_COST) - reserve }
}

/** What to take before so many bytes are let through: `least` must be had, `most` saves the next questions. */
export interface Step {
  readonly least: number
  readonly most: number
}

/** Null where what was taken still covers the bytes. */
export function nextStep(
  bytes: number,
  { perToken, reserve, taken }: Record<'perToken' | 'reserve' | 'taken', number>,
): Step | null {
  const least = tokensOf(bytes, perToken) - taken
  return least <= 0 ? null : { least, most: Math.max(least, reserve) }
}

/** Tokens of so many bytes: each begun one counts. */
export function tokensOf(bytes: number, perToken: number): number {
  return Math.ceil(bytes / perToken)
}

/** An event of a stream of server-sent events (HTML, §9.2.6), after whatever was sent before. */
export function lastEvent(problem: unknown): string {
  return `\n\nevent: error\ndata: ${JSON.stringify(problem)}\n\n`
}
