/**
 * The owner of the table's version: serializes changes, keeps the book, writes the copies in KV. Runs inside the
 * one Durable Object, and in memory for tests.
 *
 * A write goes: book (version pending) → `routes:v:<version>` → `routes:good` → `routes` → book (in force).
 * `routes` is what isolates obey and comes last of the three, so whoever sees it finds the other two. Wherever
 * it stops, the book names the old version, and the next call settles what is left (settle.ts):
 * - before `routes`: the old table is in force; the copy is deleted and `routes:good` is written back;
 * - after `routes`: isolates already serve the new one; it is found there, and put in force in the book too.
 */
import type {
  Clock,
  ConfirmOutcome,
  Documents,
  IfMatch,
  PutOutcome,
  ReadOutcome,
  StoredDocument,
  TablePut,
  TableVersions,
  Timers,
  Unavailable,
} from '../../platform/ports.ts'
import { copyKey, goodKey, routesKey } from '../table-keys.ts'
import { Book, type LedgerStorage } from './book.ts'
import { TableCopies } from './copies.ts'
import { holds } from './core.ts'
import { type Desk, deleteDoomed, settle } from './settle.ts'

// While two builds are rolled out side by side they would else write `routes:good` in turn.
const CONFIRM_AGAIN_MS = 60_000

const unavailable: Unavailable = { kind: 'unavailable', retryAfterSeconds: 1 }

type Which = { readonly version: string } | 'current' | 'previous'
type Picked =
  | ({ readonly kind: 'picked'; readonly version: string } & StoredDocument)
  | { readonly kind: 'unknown-version' }
  | Unavailable

interface Change {
  readonly text: string
  readonly version: string
  readonly routes: number | null
  readonly build: string
  readonly ifMatch: IfMatch
}

export interface LedgerParts {
  readonly storage: LedgerStorage
  readonly documents: Documents
  readonly clock: Clock
  readonly timers: Timers
  readonly versionOf: (text: string) => Promise<string>
  readonly staleForMs: number
}

export class TableLedger implements TableVersions {
  readonly #book: Book
  readonly #copies: TableCopies
  readonly #desk: Desk
  readonly #clock: Clock
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ storage, documents, clock, timers, versionOf, staleForMs }: LedgerParts) {
    this.#clock = clock
    this.#book = new Book(storage, clock)
    this.#copies = new TableCopies({ documents, clock, timers })
    this.#desk = { book: this.#book, copies: this.#copies, clock, versionOf, staleForMs }
  }

  put(table: TablePut): Promise<PutOutcome> {
    return this.#inTurn(async () => {
      if (!(await settle(this.#desk))) return unavailable
      return this.#change(table)
    })
  }

  read(which: Which): Promise<ReadOutcome> {
    return this.#inTurn(async () => {
      if (!(await settle(this.#desk))) return unavailable
      const { current, stamp, versions } = this.#book.ledger
      if (current === null) return { kind: 'empty' }
      const picked = await this.#pick(which)
      if (picked.kind !== 'picked') return picked
      const { version, text } = picked
      return { kind: 'read', version, text, current, stamp, versions: versions.toReversed() }
    })
  }

  rollback(to: {
    readonly version: string | null
    readonly build: string
    readonly ifMatch: IfMatch
  }): Promise<PutOutcome> {
    return this.#inTurn(async () => {
      if (!(await settle(this.#desk))) return unavailable
      const picked = await this.#pick(to.version === null ? 'previous' : { version: to.version })
      if (picked.kind !== 'picked') return picked
      const { version, text } = picked
      const routes = this.#book.entryOf(version)?.routes ?? null
      return this.#change({ text, version, routes, build: to.build, ifMatch: to.ifMatch })
    })
  }

  confirm(accepted: { readonly version: string; readonly build: string }): Promise<ConfirmOutcome> {
    return this.#inTurn(async () => {
      const { version, build } = accepted
      if (this.#isConfirmed(version, build)) return { kind: 'kept' }
      if (!(await settle(this.#desk))) return unavailable
      const { current, seen, stamp } = this.#book.ledger
      if (current !== version) return { kind: seen.includes(version) ? 'kept' : 'unknown-version' }
      const picked = await this.#pick('current')
      if (picked.kind !== 'picked') return picked
      const written = await this.#writeGood(picked.text, { version, build, stamp })
      return written ? { kind: 'confirmed' } : unavailable
    })
  }

  #isConfirmed(version: string, build: string): boolean {
    const { good } = this.#book.ledger
    if (good?.version !== version) return false
    return good.build === build || this.#clock.now() - good.at < CONFIRM_AGAIN_MS
  }

  async #pick(which: Which): Promise<Picked> {
    const { current, previous } = this.#book.ledger
    const version = which === 'current' ? current : which === 'previous' ? previous : which.version
    // Only what the book lists is read: a version is part of a key, and comes from outside.
    if (version === null || this.#book.entryOf(version) === null) return { kind: 'unknown-version' }
    const copy = await this.#copies.get(copyKey(version))
    if (copy === 'unavailable') return unavailable
    return copy === null ? { kind: 'unknown-version' } : { kind: 'picked', version, ...copy }
  }

  async #change({ text, version, routes, build, ifMatch }: Change): Promise<PutOutcome> {
    const { current } = this.#book.ledger
    if (!holds(ifMatch, current)) return { kind: 'conflict', current }
    const stamp = this.#book.begin(version)
    const metadata = { version, stamp, build, routes }
    const until = this.#copies.deadline()
    const written =
      (await this.#copies.put(copyKey(version), text, metadata, until)) &&
      (await this.#writeGood(text, { version, build, stamp }, until)) &&
      (await this.#copies.put(routesKey, text, metadata, until))
    if (!written) return unavailable
    this.#book.enact({ version, text, routes })
    await deleteDoomed(this.#desk)
    return { kind: 'put', version, stamp }
  }

  async #writeGood(
    text: string,
    { version, build, stamp }: { version: string; build: string; stamp: number },
    until = this.#copies.deadline(),
  ): Promise<boolean> {
    const metadata = { version, stamp, build }
    if (!(await this.#copies.put(goodKey, text, metadata, until))) return false
    this.#book.change({ good: { version, build, at: this.#clock.now() } })
    return true
  }

  /** One call after the other: waiting for KV lets other calls of a Durable Object in. */
  #inTurn<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
