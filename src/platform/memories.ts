/**
 * What an isolate remembers across requests and tables, by name: bounded maps whose least recently used entry
 * goes first. Plain data only: nothing of one request's context may be kept for another.
 */
import type { Memories, Memory } from './ports.ts'

class BoundedMemory<Value> implements Memory<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.expiresAt <= now) return undefined
    // A Map keeps the order of insertion: what was just used goes to the end.
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: string, value: Value, expiresAt: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, expiresAt })
    if (this.#entries.size <= this.#capacity) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }
}

/** The memories of one isolate; the first to ask for a name says how many entries it holds. */
export function makeMemories(): Memories {
  const memories = new Map<string, Memory<unknown>>()
  return {
    of<Value>(name: string, capacity: number): Memory<Value> {
      let memory = memories.get(name)
      if (memory === undefined) {
        memory = new BoundedMemory<unknown>(capacity)
        memories.set(name, memory)
      }
      return memory as Memory<Value>
    },
  }
}
