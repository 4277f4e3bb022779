/** Documents in memory, with no delay and no limit: what a test needs that is not about the store. */
import type { DocumentLook, Documents, Metadata, StoredDocument } from '../ports.ts'

export class MemoryDocuments implements Documents {
  readonly #texts = new Map<string, StoredDocument>()

  async get(key: string): Promise<StoredDocument | null> {
    return this.#texts.get(key) ?? null
  }

  async getIfChanged(key: string, versions: readonly string[]): Promise<DocumentLook> {
    return compare(this.#texts.get(key) ?? null, versions)
  }

  async metadata(key: string): Promise<Metadata | null> {
    return this.#texts.get(key)?.metadata ?? null
  }

  /** `null` beside the text is what other tools write. */
  async put(key: string, text: string, metadata: Metadata | null): Promise<void> {
    this.#texts.set(key, { text, metadata: structuredClone(metadata) })
  }

  async delete(key: string): Promise<void> {
    this.#texts.delete(key)
  }

  keys(): readonly string[] {
    return [...this.#texts.keys()].sort()
  }
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
