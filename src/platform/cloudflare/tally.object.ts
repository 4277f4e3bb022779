/** The Durable Object of the tally: clock, storage and alarm for the book that stands in src/buckets/tally. */
import { DurableObject } from 'cloudflare:workers'
import { KEPT_MS, TallyBook } from '../../buckets/tally/book.ts'
import type { TallyAnswer, TallyReport, TallyView } from '../../buckets/tally/messages.ts'

export class TallyObject extends DurableObject {
  readonly #book: TallyBook
  // An alarm that an earlier life set may be there as well: setting it again costs a write per life.
  #isAlarmSet = false

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const { kv } = context.storage
    this.#book = new TallyBook({
      clock: { now: () => Date.now() },
      storage: {
        read: () => kv.get<string>('windows') ?? null,
        write: (text) => kv.put('windows', text),
      },
    })
  }

  report(report: TallyReport): TallyAnswer {
    const answer = this.#book.report(report)
    if (!this.#isAlarmSet) {
      this.#isAlarmSet = true
      void this.ctx.storage.setAlarm(Date.now() + KEPT_MS)
    }
    return answer
  }

  read(): TallyView {
    return this.#book.read()
  }

  /** Keys may name people: what is no longer shown is not kept. */
  override async alarm(): Promise<void> {
    const { endsAt } = this.#book
    this.#isAlarmSet = endsAt > Date.now()
    if (this.#isAlarmSet) await this.ctx.storage.setAlarm(endsAt)
    else await this.ctx.storage.deleteAll()
  }
}
