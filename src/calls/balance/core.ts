/**
 * Picks of an entry by weight. Smooth weighted round robin: over any run of picks each entry gets its share, spread
 * evenly. Each pick adds every weight to its entry's credit, takes the entry with the most, and charges it the sum.
 */

/** The state of one list in one isolate: a credit per entry, all 0 at first. */
export type Credits = number[]

/** Index of the next entry; changes `credits`. With no weight above 0 the first entry is taken. */
export function pickNext(weights: readonly number[], credits: Credits): number {
  let total = 0
  let best = 0
  let bestCredit = Number.NEGATIVE_INFINITY
  for (let index = 0; index < weights.length; index += 1) {
    const weight = weights[index] as number
    total += weight
    const credit = (credits[index] ?? 0) + weight
    credits[index] = credit
    if (weight > 0 && credit > bestCredit) {
      best = index
      bestCredit = credit
    }
  }
  credits[best] = (credits[best] ?? 0) - total
  return best
}

/**
 * Credits to begin with, so that many isolates that each see few calls do not all begin with the same entry.
 * `fraction` 0 begins with the first.
 */
export function startCredits(weights: readonly number[], fraction: number): Credits {
  // Steps of the golden ratio spread evenly over [0, 1) for any number of entries.
  return weights.map((weight, index) => ((fraction * (1 + index * GOLDEN_RATIO)) % 1) * weight)
}

const GOLDEN_RATIO = 1.618033988749895

/** Index of the entry whose share of the weights holds `fraction` (from 0 to 1, 1 excluded). */
export function pickShare(weights: readonly number[], fraction: number): number {
  return pickShareBut(weights, -1, fraction) ?? weights.length - 1
}

/** The same among all entries but one; null where no other has weight. */
export function pickShareBut(
  weights: readonly number[],
  excluded: number,
  fraction: number,
): number | null {
  let total = 0
  for (let index = 0; index < weights.length; index += 1) {
    if (index !== excluded) total += weights[index] as number
  }
  let rest = fraction * total
  let last: number | null = null
  for (let index = 0; index < weights.length; index += 1) {
    const weight = weights[index] as number
    if (index === excluded || weight <= 0) continue
    rest -= weight
    if (rest < 0) return index
    last = index
  }
  // Sums of fractions may miss the end by a rounding error: the last that has weight owns it.
  return last
}
