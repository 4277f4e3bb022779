/** Documents in memory, with no delay and no limit: what a test needs that is not about the store. */
import type {
  Clock,
  DocumentLook,
  DocumentPage,
  Documents,
  Keeping,
  Metadata,
  PageChoice,
  StoredDocument,
} from '../ports.ts'

interface Kept extends StoredDocument {
  readonly until: number | null
}

export class MemoryDocuments implements Documents {
  readonly #texts = new Map<string, Kept>()
  readonly #clock: Clock

  constructor(clock: Clock = { now: () => Date.now() }) {
    this.#clock = clock
  }

  async get(key: string): Promise<StoredDocument | null> {
    return this.#read(key)
  }

  async getIfChanged(key: string, versions: readonly string[]): Promise<DocumentLook> {
    return compare(this.#read(key), versions)
  }

  async metadata(key: string): Promise<Metadata | null> {
    return this.#read(key)?.metadata ?? null
  }

  /** `null` beside the text is what other tools write. */
  async put(
    key: string,
    text: string,
    metadata: Metadata | null,
    { until }: Keeping = { until: null },
  ): Promise<void> {
    this.#texts.set(key, { text, metadata: structuredClone(metadata), until })
  }

  async list(prefix: string, choice: PageChoice): Promise<DocumentPage> {
    return pageOf(
      this.keys().map((key) => ({ key, metadata: this.#read(key)?.metadata ?? null })),
      prefix,
      choice,
    )
  }

  async delete(key: string): Promise<void> {
    this.#texts.delete(key)
  }

  keys(): readonly string[] {
    return [...this.#texts.keys()].filter((key) => this.#read(key) !== null).sort()
  }

  #read(key: string): StoredDocument | null {
    const kept = this.#texts.get(key)
    if (kept === undefined || isOver(kept.until, this.#clock.now())) return null
    return { text: kept.text, metadata: kept.metadata }
  }
}

/** Whether the time of a text has come. */
export function isOver(until: number | null, now: number): boolean {
  return until !== null && now >= until
}

/** A page of all entries, which are in the order of their keys; the cursor is the last key of the page before. */
export function pageOf(
  all: DocumentPage['entries'],
  prefix: string,
  { cursor, limit }: PageChoice,
): DocumentPage {
  const rest = all.filter(({ key }) => key.startsWith(prefix) && (cursor === null || key > cursor))
  const entries = rest.slice(0, limit)
  return { entries, cursor: rest.length > limit ? (entries.at(-1)?.key ?? null) : null }
}

/** What `getIfChanged` says of a document. */
export function compare(
  document: StoredDocument | null,
  versions: readonly string[],
): DocumentLook {
  if (document === null) return { kind: 'absent' }
  const { metadata } = document
  const version = metadata?.version
  if (metadata !== null && typeof version === 'string' && versions.includes(version)) {
    return { kind: 'unchanged', metadata }
  }
  return { kind: 'read', ...document }
}
