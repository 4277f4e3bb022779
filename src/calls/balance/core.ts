/**
 * Smooth weighted round robin: over any run of picks each entry gets its share, spread evenly. Each pick adds
 * every weight to its entry's credit, takes the entry with the most, and charges it the sum of all weights.
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

/** Index of the entry whose share of the weights holds `fraction` (from 0 to 1, 1 excluded). */
export function pickShare(weights: readonly number[], fraction: number): number {
  let total = 0
  for (const weight of weights) total += weight
  let rest = fraction * total
  for (let index = 0; index < weights.length; index += 1) {
    rest -= weights[index] as number
    if (rest < 0) return index
  }
  return weights.length - 1
}
