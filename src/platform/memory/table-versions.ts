/** The owner of the table's version in memory: the same ledger, over a book that survives a restart of it. */
import type { Ledger } from '../../config/ledger/core.ts'
import { TableLedger } from '../../config/ledger/ledger.ts'
import type { Clock, Documents, TableVersions, Timers } from '../ports.ts'

export interface MemoryVersionsParts {
  readonly documents: Documents
  readonly clock: Clock
  readonly timers: Timers
  readonly versionOf: (text: string) => Promise<string>
  readonly staleForMs?: number
}

export class MemoryTableVersions {
  #book: Ledger | null = null
  readonly #parts: MemoryVersionsParts

  constructor(parts: MemoryVersionsParts) {
    this.#parts = parts
  }

  /** The object as it starts: with the book, and with nothing else of what it held in memory. */
  start(): TableVersions {
    return new TableLedger({
      ...this.#parts,
      staleForMs: this.#parts.staleForMs ?? 600_000,
      storage: {
        read: () => structuredClone(this.#book),
        write: (ledger) => {
          this.#book = structuredClone(ledger)
        },
      },
    })
  }
}
