/** Virtual time: what is to happen, in order of its instant. Continuous milliseconds; ties keep the order of planning. */

interface Planned {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

export class EventHeap {
  now = 0
  /** Events that were run so far. */
  steps = 0
  readonly #planned: Planned[] = []
  #order = 0

  plan(at: number, act: () => void): void {
    const planned = this.#planned
    const added = { at: Math.max(at, this.now), order: this.#order++, act }
    let place = planned.length
    planned.push(added)
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = planned[above]
      if (parent === undefined || isBefore(parent, added)) break
      planned[place] = parent
      place = above
    }
    planned[place] = added
  }

  /** Runs everything up to and with `until`, and stands there. */
  runUntil(until: number): void {
    for (let next = this.#planned[0]; next !== undefined && next.at <= until; ) {
      this.#drop()
      this.now = next.at
      this.steps++
      next.act()
      next = this.#planned[0]
    }
    this.now = until
  }

  #drop(): void {
    const planned = this.#planned
    const last = planned.pop()
    if (last === undefined || planned.length === 0) return
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      let child = planned[below]
      if (child === undefined) break
      const other = planned[below + 1]
      if (other !== undefined && isBefore(other, child)) {
        child = other
        below++
      }
      if (isBefore(last, child)) break
      planned[place] = child
      place = below
    }
    planned[place] = last
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
