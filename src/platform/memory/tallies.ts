/** The tally in memory: the same book, which can be away, or begin anew from what it kept. */
import { TallyBook } from '../../buckets/tally/book.ts'
import type { TallyAnswer, TallyReport, TallyView } from '../../buckets/tally/messages.ts'
import type { Clock, Tallies } from '../ports.ts'

export class MemoryTallies implements Tallies {
  isAway = false
  /** Every report that arrived. */
  readonly reports: TallyReport[] = []
  /** What would be there after a restart. */
  stored: string | null = null
  readonly #clock: Clock
  #book: TallyBook

  constructor(clock: Clock) {
    this.#clock = clock
    this.#book = this.#begin()
  }

  async report(report: TallyReport): Promise<TallyAnswer> {
    this.#throwIfAway()
    this.reports.push(report)
    return this.#book.report(structuredClone(report))
  }

  async read(): Promise<TallyView> {
    this.#throwIfAway()
    return structuredClone(this.#book.read())
  }

  restart(): void {
    this.#book = this.#begin()
  }

  #begin(): TallyBook {
    const storage = {
      read: () => this.stored,
      write: (text: string) => {
        this.stored = text
      },
    }
    return new TallyBook({ clock: this.#clock, storage })
  }

  #throwIfAway(): void {
    if (this.isAway) throw new Error('the tally cannot be reached')
  }
}
