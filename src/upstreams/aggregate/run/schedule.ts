/**
 * In which order requests get slots: the longest chain first, since the whole takes at least as long as it; then the
 * order of the table, then that of asking. A heap, since `forEach` may have thousands waiting. Pure.
 */

/** One request that waits for a slot. */
export interface Shot {
  /** Calls on the longest chain from its call to the end. */
  readonly rank: number
  /** Of its call in the table. */
  readonly index: number
  /** Grows with each that asks. */
  readonly turn: number
}

/** Whether the one goes before the other. */
export function goesBefore(one: Shot, other: Shot): boolean {
  if (one.rank !== other.rank) return one.rank > other.rank
  return one.index !== other.index ? one.index < other.index : one.turn < other.turn
}

/** Adds to the heap: its first entry goes before all others. */
export function pushShot<S extends Shot>(heap: S[], shot: S): void {
  let at = heap.length
  heap.push(shot)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!goesBefore(shot, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = shot
}

/** Takes out the one that goes before all others; null where none waits. */
export function popShot<S extends Shot>(heap: S[]): S | null {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined) return null
  if (heap.length === 0) return first
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && goesBefore(heap[child + 1]!, heap[child]!)) child += 1
    if (!goesBefore(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return first
}
