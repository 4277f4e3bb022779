/** The buckets of rates: their shapes, and names that stay when a list of windows is arranged anew. Pure. */
import type { RateShape } from '../../buckets/shape.ts'
import { fitsUnits } from '../../buckets/units.ts'
import type { Priority, RateSpec } from '../../schema/limits.ts'

export function rateOf({ limit, windowSeconds, burst = limit }: RateSpec): RateShape {
  return { kind: 'rate', limit, windowMs: windowSeconds * 1000, burst }
}

/** Whether a bucket of this rate can be counted exactly: else it is a problem of the document. */
export function isCountable(spec: RateSpec): boolean {
  return fitsUnits(rateOf(spec))
}

/** What an operator reads of a rate that is not. */
export function uncountable({ limit, windowSeconds }: RateSpec): string {
  return `expected a limit that can be counted exactly, found ${limit} in ${windowSeconds} s: take a rounder number, or a smaller burst`
}

/**
 * Names each window's bucket by its length: what was spent of an hour stays with the hour, whatever stands before
 * it in the list. A second one of the same length counts on.
 */
export function windowNames(specs: readonly RateSpec[]): readonly string[] {
  const counts = new Map<number, number>()
  return specs.map(({ windowSeconds }) => {
    const count = (counts.get(windowSeconds) ?? 0) + 1
    counts.set(windowSeconds, count)
    return count === 1 ? `w${windowSeconds}` : `w${windowSeconds}-${count}`
  })
}

/** What fields and problems call the limits of one policy: its name, and `<name>-2` for its second window. */
export function labelOf(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index + 1}`
}

/** Whether the cache answered without the service. */
export function isHit(cache: string | null): boolean {
  return cache?.startsWith('hit') ?? false
}

/** How important a request is (ROUTES.md §3): by its route, else by the plan of its caller, or of `anonymous`. */
export function priorityOf(
  ofRoute: Priority | null,
  ofPlan: Priority | null,
  ofAnonymous: Priority | null,
): Priority {
  return ofRoute ?? ofPlan ?? ofAnonymous ?? 'normal'
}
