/** The book in memory and in storage: every change is durable before anything else happens. */
import type { Clock, TableVersion } from '../../platform/ports.ts'
import { begin, emptyLedger, enact, type Ledger, nextStamp } from './core.ts'

/** Durable, and done when `write` returns: what leaves the object waits for it. */
export interface LedgerStorage {
  read(): Ledger | null
  write(ledger: Ledger): void
}

export interface Enacted {
  readonly version: string
  readonly text: string
  readonly routes: number | null
}

export class Book {
  readonly #storage: LedgerStorage
  readonly #clock: Clock
  #ledger: Ledger

  constructor(storage: LedgerStorage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
    this.#ledger = storage.read() ?? emptyLedger
  }

  get ledger(): Ledger {
    return this.#ledger
  }

  change(changes: Partial<Ledger>): void {
    this.#save({ ...this.#ledger, ...changes })
  }

  /** Notes that the texts of a version are about to be written; returns the stamp of the write. */
  begin(version: string): number {
    this.#save(begin(this.#ledger, version, this.#clock.now()))
    return this.#ledger.stamp
  }

  /** Gives out a stamp for writing the table in force again. */
  restamp(): number {
    const now = this.#clock.now()
    this.change({ stamp: nextStamp(this.#ledger, now), changedAt: now })
    return this.#ledger.stamp
  }

  enact({ version, text, routes }: Enacted): void {
    this.#enact({ version, routes, sizeBytes: new TextEncoder().encode(text).byteLength })
  }

  /** Puts a version of the list in force again, whose text is in KV already. */
  enactAgain(entry: TableVersion): void {
    this.#enact(entry)
  }

  entryOf(version: string): TableVersion | null {
    return this.#ledger.versions.find((entry) => entry.version === version) ?? null
  }

  #enact(entry: Omit<TableVersion, 'at'>): void {
    const now = this.#clock.now()
    const at = new Date(now).toISOString()
    this.#save(enact(this.#ledger, { ...entry, at }, now))
  }

  #save(ledger: Ledger): void {
    this.#storage.write(ledger)
    this.#ledger = ledger
  }
}
