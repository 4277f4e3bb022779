/** Finds what a misspelled name was meant to be. */

/** The candidate that the name most probably means, or null where none is near. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const wanted = folded(name)
  let best: string | null = null
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = distanceOf(wanted, folded(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** A sentence part for messages: `; did you mean "x"?`, or empty. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const meant = nearest(name, candidates)
  return meant === null ? '' : `; did you mean "${meant}"?`
}

// `timeout_ms`, `TimeoutMs` and `timeoutMs` are one name to a person.
const folded = (name: string) => name.toLowerCase().replace(/[-_. ]/g, '')

// Document keys are under 40 characters; the bound keeps hostile ones from costing time.
const MAX_LENGTH = 60

/** Edits apart, or infinity where the two are not alike. */
function distanceOf(name: string, candidate: string): number {
  if (name.length > MAX_LENGTH || candidate.length > MAX_LENGTH) return Number.POSITIVE_INFINITY
  const edits = editsBetween(name, candidate)
  if (edits >= name.length) return Number.POSITIVE_INFINITY
  // One edit in four characters is a slip; more is another word.
  if (edits <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 4))) return edits
  // A unit left out or one word too many: `window` for `windowSeconds`.
  const [short, long] = name.length < candidate.length ? [name, candidate] : [candidate, name]
  return short.length >= 3 && long.startsWith(short) ? edits : Number.POSITIVE_INFINITY
}

/** Insertions, deletions, substitutions and swaps of neighbors between two words (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let edits = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, beforeLast[column - 2]! + 1)
      }
      current.push(edits)
    }
    beforeLast = last
    last = current
  }
  return last[b.length]!
}
