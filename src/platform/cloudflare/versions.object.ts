/** The Durable Object that counts who uses which version: clock, a table and one alarm for the book in src/buckets/uses. */
import { DurableObject } from 'cloudflare:workers'
import { DAY_MS, UsesBook, type UsesStorage } from '../../buckets/uses/book.ts'
import type { UsesLine, UsesReport, UsesView } from '../../buckets/uses/messages.ts'

export class VersionsObject extends DurableObject {
  readonly #book: UsesBook
  // An alarm that an earlier life set may be there as well: setting it again costs a write per life.
  #isAlarmSet = false

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const storage = makeUsesStorage(context.storage.sql)
    this.#book = new UsesBook({ storage, clock: { now: () => Date.now() } })
  }

  report(report: UsesReport): void {
    this.#book.report(report)
    if (this.#isAlarmSet) return
    this.#isAlarmSet = true
    void this.ctx.storage.setAlarm(Date.now() + DAY_MS)
  }

  read(route: string | null): UsesView {
    return this.#book.read(route)
  }

  /** Names of consumers may name people: what is no longer shown is not kept. */
  override async alarm(): Promise<void> {
    this.#isAlarmSet = this.#book.sweep()
    if (this.#isAlarmSet) {
      await this.ctx.storage.setAlarm(Date.now() + DAY_MS)
      return
    }
    // Pages and the alarm go too: what is left is an empty table, for reports in the rest of this life.
    await this.ctx.storage.deleteAll()
    makeTable(this.ctx.storage.sql)
  }
}

function makeTable(sql: SqlStorage): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS uses (
    day INTEGER NOT NULL, route TEXT NOT NULL, version TEXT NOT NULL, caller TEXT NOT NULL,
    uses INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (day, route, version, caller)) WITHOUT ROWID`)
}

function makeUsesStorage(sql: SqlStorage): UsesStorage {
  makeTable(sql)
  const rows = () => sql.exec<{ size: number }>('SELECT COUNT(*) AS size FROM uses').one().size
  // Counted once a life: a COUNT reads every row.
  let size: number | null = null
  return {
    addTo: ({ day, route, version, caller, uses, at }) =>
      sql
        .exec(
          'UPDATE uses SET uses = uses + ?, at = ? WHERE day = ? AND route = ? AND version = ? AND caller = ? RETURNING 1',
          ...[uses, at, day, route, version, caller],
        )
        .toArray().length > 0,
    insert({ day, route, version, caller, uses, at }) {
      const values = [day, route, version, caller, uses, at]
      sql.exec('INSERT INTO uses VALUES (?, ?, ?, ?, ?, ?)', ...values)
      if (size !== null) size += 1
    },
    size() {
      size ??= rows()
      return size
    },
    deleteBefore(day) {
      sql.exec('DELETE FROM uses WHERE day < ?', day)
      size = null
    },
    sums: (route, most) =>
      sql
        .exec<Record<keyof UsesLine, SqlStorageValue>>(
          `SELECT route, version, caller, SUM(uses) AS uses, MAX(at) AS lastSeenAt FROM uses
          WHERE ?1 IS NULL OR route = ?1 GROUP BY route, version, caller ORDER BY lastSeenAt DESC LIMIT ?2`,
          ...[route, most],
        )
        .toArray() as unknown as readonly UsesLine[],
    firstDay: () => sql.exec<{ day: number | null }>('SELECT MIN(day) AS day FROM uses').one().day,
  }
}
