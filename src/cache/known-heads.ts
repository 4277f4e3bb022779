/**
 * Heads that an isolate has read out of their text a moment ago, by key: reading one costs more than comparing its
 * text, and what was derived of it stays with the same object. Plain data, shared by requests; nobody changes it.
 */
import { type ReadHead, readHead } from './frame.ts'

// With what was read about 4 kB each: at most 4 MB in an isolate.
const MOST_HEADS = 1_000
const MOST_LENGTH = 2_048

interface Known {
  readonly text: string
  readonly read: ReadHead
}

export class KnownHeads {
  readonly #known = new Map<string, Known>()

  /** The head in the text that stands under the key now, or null where it is none. */
  read(key: string, text: string): ReadHead | null {
    const known = this.#known.get(key)
    if (known?.text === text) return known.read
    const read = readHead(text)
    if (read !== null && text.length <= MOST_LENGTH) this.#keep(key, { text, read })
    return read
  }

  #keep(key: string, known: Known): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    if (this.#known.size <= MOST_HEADS) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
