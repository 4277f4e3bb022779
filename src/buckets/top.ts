/**
 * Finds the keys that are met most often, in bounded memory (the space-saving algorithm: Metwally, Agrawal and El
 * Abbadi 2005). No count is too low; how much too high it may be is told beside it. Pure: knows no time.
 */

export interface CountedKey {
  readonly key: string
  /** At most so often was it met. */
  readonly count: number
  /** At least `count - error` times. */
  readonly error: number
  /** How often it was refused, as far as it was watched. */
  readonly refused: number
}

/** What was counted, as plain data; the most frequent key first. */
export interface TopSummary {
  /** How often any key was met. */
  readonly total: number
  /** A key that is not in the list was met at most so often. */
  readonly floor: number
  readonly keys: readonly CountedKey[]
}

interface Slot {
  key: string
  count: number
  error: number
  refused: number
}

/** Counts keys; one that makes more than `total / capacity` of all is in the list for certain. */
export class TopKeys {
  readonly #capacity: number
  readonly #slots: Slot[] = []
  readonly #byKey = new Map<string, Slot>()
  #total = 0
  /** No slot counts less, and none before the cursor as little: a flood of new keys costs each a step, not a search. */
  #floor = 0
  #cursor = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(key: string, isRefused: boolean): void {
    this.#total += 1
    const slot = this.#byKey.get(key) ?? this.#open(key)
    slot.count += 1
    if (isRefused) slot.refused += 1
  }

  summary(): TopSummary {
    const isFull = this.#slots.length === this.#capacity
    return {
      total: this.#total,
      floor: isFull ? this.#least().count : 0,
      keys: this.#slots.map((slot) => ({ ...slot })).sort(byCount),
    }
  }

  /** A new key takes the place of the least frequent one, and its count: it may have been met as often before. */
  #open(key: string): Slot {
    if (this.#slots.length < this.#capacity) {
      const slot = { key, count: 0, error: 0, refused: 0 }
      this.#slots.push(slot)
      this.#byKey.set(key, slot)
      return slot
    }
    const slot = this.#least()
    this.#byKey.delete(slot.key)
    slot.key = key
    slot.error = slot.count
    slot.refused = 0
    this.#byKey.set(key, slot)
    return slot
  }

  /** Counts only grow, so a slot that was passed stays passed until all have grown. */
  #least(): Slot {
    for (; this.#cursor < this.#slots.length; this.#cursor += 1) {
      const slot = this.#slots[this.#cursor] as Slot
      if (slot.count === this.#floor) return slot
    }
    this.#floor = Math.min(...this.#slots.map(({ count }) => count))
    this.#cursor = 0
    return this.#least()
  }
}

export const emptySummary: TopSummary = Object.freeze({ total: 0, floor: 0, keys: [] })

/**
 * What both have counted together, its `capacity` most frequent keys (Agarwal et al. 2012): a key that one of them
 * does not list may have been met there as often as that one's floor.
 */
export function mergeSummaries(one: TopSummary, other: TopSummary, capacity: number): TopSummary {
  const merged = new Map<string, CountedKey>()
  const rest = new Map(other.keys.map((entry) => [entry.key, entry]))
  for (const entry of one.keys) {
    const beside = rest.get(entry.key)
    rest.delete(entry.key)
    merged.set(entry.key, beside === undefined ? raised(entry, other.floor) : sum(entry, beside))
  }
  for (const entry of rest.values()) merged.set(entry.key, raised(entry, one.floor))
  const keys = [...merged.values()].sort(byCount)
  return {
    total: one.total + other.total,
    floor: Math.max(one.floor + other.floor, keys[capacity]?.count ?? 0),
    keys: keys.slice(0, capacity),
  }
}

function raised({ key, count, error, refused }: CountedKey, by: number): CountedKey {
  return { key, count: count + by, error: error + by, refused }
}

function sum(one: CountedKey, other: CountedKey): CountedKey {
  return {
    key: one.key,
    count: one.count + other.count,
    error: one.error + other.error,
    refused: one.refused + other.refused,
  }
}

/** Ties by name, so that the order is one. */
function byCount(one: CountedKey, other: CountedKey): number {
  return other.count - one.count || (one.key < other.key ? -1 : 1)
}
