/** What calls came to within the last `windowMs`, in slices: plain data, at most some 40 numbers. Reads no clock. */

export interface Slice {
  readonly from: number
  succeeded: number
  failed: number
  slow: number
}

/** Oldest first. Slices carry their own start, so a table that changes `windowMs` need not begin anew. */
export type Window = Slice[]

export interface Counts {
  readonly succeeded: number
  readonly failed: number
  /** Of both: slower than the table's `slowCallMs`. */
  readonly slow: number
}

const SLICES = 10 // A slice leaves as a whole: the window is exact to a tenth.

/** Adds to the slice of `now`, and drops what has left the window. */
export function count(window: Window, counts: Counts, windowMs: number, now: number): void {
  leave(window, windowMs, now)
  const last = window.at(-1)
  if (last !== undefined && now - last.from < windowMs / SLICES) {
    last.succeeded += counts.succeeded
    last.failed += counts.failed
    last.slow += counts.slow
    return
  }
  const { succeeded, failed, slow } = counts
  window.push({ from: now, succeeded, failed, slow })
}

/** What is in the window now. */
export function sum(window: Window, windowMs: number, now: number): Counts {
  const total = { succeeded: 0, failed: 0, slow: 0 }
  for (const slice of window) {
    if (hasLeft(slice, windowMs, now)) continue
    total.succeeded += slice.succeeded
    total.failed += slice.failed
    total.slow += slice.slow
  }
  return total
}

function leave(window: Window, windowMs: number, now: number): void {
  const first = window.findIndex((slice) => !hasLeft(slice, windowMs, now))
  window.splice(0, first === -1 ? window.length : first)
}

/** A slice from the future stands there because the clock was set back: it says nothing any more. */
function hasLeft({ from }: Slice, windowMs: number, now: number): boolean {
  return from <= now - windowMs || from > now
}
