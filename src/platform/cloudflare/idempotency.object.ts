/** The Durable Object of idempotency keys: clock, a table and one alarm for the book that stands in src/idempotency. */
import { DurableObject } from 'cloudflare:workers'
import { IdempotencyBook, type KeyLine, type KeyStorage } from '../../idempotency/book.ts'
import type { BeginMessage, BeginReply, EndMessage } from '../../idempotency/messages.ts'

// Each alarm is a write and a wake: what expires in the meantime goes at once. An expired key counts as gone before.
const MIN_REST_MS = 60_000

export class IdempotencyObject extends DurableObject {
  readonly #book: IdempotencyBook
  // An alarm that an earlier life set may be there as well: setting it again costs a write per life.
  #isAlarmSet = false

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const storage = makeKeyStorage(context.storage.sql)
    this.#book = new IdempotencyBook({ storage, clock: { now: () => Date.now() } })
  }

  begin(entry: string, message: BeginMessage): BeginReply {
    const reply = this.#book.begin(entry, message)
    if (reply.kind === 'run' && !this.#isAlarmSet) {
      this.#isAlarmSet = true
      // Not awaited: the output gate holds the reply back until entry and alarm are on disk.
      void this.ctx.storage.setAlarm(Date.now() + Math.max(message.ttlMs, MIN_REST_MS))
    }
    return reply
  }

  renew(entry: string, token: string, leaseMs: number): boolean {
    return this.#book.renew(entry, token, leaseMs)
  }

  end(entry: string, message: EndMessage): void {
    this.#book.end(entry, message)
  }

  override async alarm(): Promise<void> {
    const next = this.#book.sweep()
    this.#isAlarmSet = next !== null
    if (next !== null) {
      await this.ctx.storage.setAlarm(Math.max(next, Date.now() + MIN_REST_MS))
      return
    }
    // Without storage an object costs nothing; the next life makes its table anew.
    await this.ctx.storage.deleteAll()
    makeTable(this.ctx.storage.sql)
  }
}

function makeTable(sql: SqlStorage): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS keys (
    entry TEXT PRIMARY KEY, line TEXT NOT NULL, body BLOB, bytes INTEGER NOT NULL, expires_at INTEGER NOT NULL)`)
  sql.exec('CREATE INDEX IF NOT EXISTS keys_by_expiry ON keys (expires_at)')
}

function makeKeyStorage(sql: SqlStorage): KeyStorage {
  makeTable(sql)
  const first = <Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...values: unknown[]
  ) => sql.exec<Row>(query, ...values).toArray()[0]
  return {
    read(entry) {
      const row = first<{ line: string }>('SELECT line FROM keys WHERE entry = ?', entry)
      return row === undefined ? null : (JSON.parse(row.line) as KeyLine)
    },
    readBody: (entry) =>
      first<{ body: ArrayBuffer | null }>('SELECT body FROM keys WHERE entry = ?', entry)?.body ??
      null,
    write(entry, line, body) {
      sql.exec(
        'INSERT OR REPLACE INTO keys (entry, line, body, bytes, expires_at) VALUES (?, ?, ?, ?, ?)',
        entry,
        JSON.stringify(line),
        body,
        body?.byteLength ?? 0,
        line.expiresAt,
      )
    },
    delete: (entry) => void sql.exec('DELETE FROM keys WHERE entry = ?', entry),
    sweep: (now) => void sql.exec('DELETE FROM keys WHERE expires_at <= ?', now),
    nextExpiry: () =>
      first<{ at: number | null }>('SELECT MIN(expires_at) AS at FROM keys')?.at ?? null,
    size: () =>
      first<{ entries: number; bytes: number }>(
        'SELECT COUNT(*) AS entries, COALESCE(SUM(bytes), 0) AS bytes FROM keys',
      ) ?? { entries: 0, bytes: 0 },
  }
}
