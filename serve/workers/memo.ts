/** A map that holds at most so many bytes and drops what was used longest ago. */

interface Slot<Value> {
  readonly value: Value
  readonly bytes: number
}

export class Memo<Value> {
  readonly #maxBytes: number
  /** In order of use: a Map keeps insertion order, and each use inserts anew. */
  readonly #slots = new Map<string, Slot<Value>>()
  #bytes = 0
  /** How often something was forgotten: a reader that finds it unchanged may remember what it read. */
  #writes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get writes(): number {
    return this.#writes
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Value | undefined {
    const slot = this.#slots.get(key)
    if (!slot) return undefined
    this.#slots.delete(key)
    this.#slots.set(key, slot)
    return slot.value
  }

  set(key: string, value: Value, bytes: number): void {
    this.#drop(key)
    if (bytes > this.#maxBytes) return
    this.#slots.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#slots.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#drop(oldest)
    }
  }

  /** Says whether there was something to forget. */
  forget(key: string): boolean {
    this.#writes++
    return this.#drop(key)
  }

  #drop(key: string): boolean {
    const slot = this.#slots.get(key)
    if (!slot) return false
    this.#slots.delete(key)
    this.#bytes -= slot.bytes
    return true
  }
}
