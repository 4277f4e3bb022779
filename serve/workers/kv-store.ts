/**
 * The object behind one KV namespace. A value is cut into parts, since SQLite here takes no row above 2 MB
 * and a KV value may have 25 MiB. An alarm deletes what has expired.
 */
import { DurableObject } from 'cloudflare:workers'

export interface Entry {
  readonly value: Uint8Array
  /** JSON text, as the binding sent it. */
  readonly metadata: string | null
  /** Seconds since 1970. */
  readonly expires: number | null
}

export interface ListQuestion {
  readonly prefix: string
  /** The last key of the page before, or empty. */
  readonly after: string
  readonly limit: number
  readonly nowSeconds: number
}

export interface ListedKey {
  readonly name: string
  readonly expires: number | null
  readonly metadata: string | null
}

const PART_BYTES = 1024 * 1024 // Half of SQLite's row limit here.
const MIN_ALARM_GAP_MS = 60_000 // Expired entries are not served anyway; this only frees disk.

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, expires INTEGER, metadata TEXT) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires) WHERE expires IS NOT NULL;
  CREATE TABLE IF NOT EXISTS parts (key TEXT, part INTEGER, bytes BLOB, PRIMARY KEY (key, part));
`

export class KvStore extends DurableObject<unknown> {
  readonly #sql: SqlStorage

  constructor(context: DurableObjectState, env: unknown) {
    super(context, env)
    this.#sql = context.storage.sql
    this.#sql.exec(SCHEMA)
  }

  /** The entries of these keys, null where there is none; the expired ones too. */
  read(keys: readonly string[]): (Entry | null)[] {
    return keys.map((key) => this.#readOne(key))
  }

  #readOne(key: string): Entry | null {
    const [row] = this.#sql
      .exec<{ expires: number | null; metadata: string | null }>(
        'SELECT expires, metadata FROM entries WHERE key = ?',
        key,
      )
      .toArray()
    if (!row) return null
    const parts = this.#sql
      .exec<{ bytes: ArrayBuffer }>('SELECT bytes FROM parts WHERE key = ? ORDER BY part', key)
      .toArray()
    return { ...row, value: joined(parts.map((part) => new Uint8Array(part.bytes))) }
  }

  async write(key: string, { value, metadata, expires }: Entry): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM parts WHERE key = ?', key)
      this.#sql.exec('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)', key, expires, metadata)
      for (let part = 0; part * PART_BYTES < value.byteLength; part++) {
        const bytes = value.slice(part * PART_BYTES, (part + 1) * PART_BYTES)
        this.#sql.exec('INSERT INTO parts VALUES (?, ?, ?)', key, part, bytes)
      }
    })
    if (expires !== null) await this.#wakeAt(expires * 1000)
  }

  remove(key: string): void {
    this.ctx.storage.transactionSync(() => this.#erase(key))
  }

  list({ prefix, after, limit, nowSeconds }: ListQuestion): {
    readonly keys: ListedKey[]
    readonly complete: boolean
  } {
    const rows = this.#sql.exec<{ key: string; expires: number | null; metadata: string | null }>(
      'SELECT key, expires, metadata FROM entries WHERE key > ? AND key >= ? ORDER BY key',
      after,
      prefix,
    )
    const keys: ListedKey[] = []
    for (const { key, expires, metadata } of rows) {
      if (!key.startsWith(prefix)) break
      if (expires !== null && expires <= nowSeconds) continue
      if (keys.length === limit) return { keys, complete: false }
      keys.push({ name: key, expires, metadata })
    }
    return { keys, complete: true }
  }

  override async alarm(): Promise<void> {
    const nowSeconds = Math.floor(Date.now() / 1000)
    const expired = this.#sql
      .exec<{ key: string }>('SELECT key FROM entries WHERE expires <= ?', nowSeconds)
      .toArray()
    this.ctx.storage.transactionSync(() => {
      for (const { key } of expired) this.#erase(key)
    })
    const [next] = this.#sql
      .exec<{ first: number | null }>('SELECT min(expires) AS first FROM entries')
      .toArray()
    if (next?.first != null) await this.#wakeAt(next.first * 1000)
  }

  #erase(key: string): void {
    this.#sql.exec('DELETE FROM parts WHERE key = ?', key)
    this.#sql.exec('DELETE FROM entries WHERE key = ?', key)
  }

  async #wakeAt(timeMs: number): Promise<void> {
    const due = Math.max(timeMs, Date.now() + MIN_ALARM_GAP_MS)
    const set = await this.ctx.storage.getAlarm()
    if (set === null || set > due) await this.ctx.storage.setAlarm(due)
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.byteLength
  }
  return whole
}
