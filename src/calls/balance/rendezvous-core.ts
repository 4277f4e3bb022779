/**
 * Weighted rendezvous hashing: each entry draws a number from the key and its own seed, and the highest wins. When
 * an entry goes, only its own keys move; when one comes, it takes its share from all others alike. Pure.
 */

/** 32 bits of a text (FNV-1a, then the finalizer of MurmurHash3, which spreads neighbors far apart). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return mix(hash)
}

function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A number between 0 and 1, both excluded: the same for the same key and seed. */
export function drawFraction(key: number, seed: number): number {
  return (mix(key ^ mix(seed + 0x9e3779b9)) + 0.5) / 0x1_0000_0000
}

/** Index of the entry that owns the key; null where no entry has weight. Shares of keys follow the weights. */
export function pickRendezvous(
  weights: readonly number[],
  seeds: readonly number[],
  key: number,
): number | null {
  let best: number | null = null
  let bestScore = Number.NEGATIVE_INFINITY
  for (let index = 0; index < weights.length; index += 1) {
    const weight = weights[index] as number
    if (weight <= 0) continue
    // -weight / ln(u): the draw of an entry twice as heavy is the higher of two draws.
    const score = -weight / Math.log(drawFraction(key, seeds[index] as number))
    if (score > bestScore) {
      best = index
      bestScore = score
    }
  }
  return best
}
