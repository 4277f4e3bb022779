/**
 * Records of keys in KV, as the admin surface writes them. KV has no transactions: the order of the two writes is
 * such that what a failure between them leaves is harmless. A key takes one write a second; a call may fail or
 * hang. Both come out as a StoreFault.
 */
import { askStore, StoreFault } from '../../errors/store-fault.ts'
import type { Metadata, Ports } from '../../platform/ports.ts'
import { newest, noteWritten } from './look-up.ts'
import type { MadeKey } from './make.ts'
import {
  indexKey,
  indexPrefix,
  type KeyRecord,
  printRecord,
  recordKey,
  summaryOf,
} from './record.ts'
import { parseRecord, parseSummary } from './stored.ts'

export type KeyStorePorts = Pick<Ports, 'clock' | 'timers' | 'documents' | 'memories'>

export interface FoundKey {
  readonly hash: string
  readonly record: KeyRecord
}

const WRITE_EVERY_MS = 1_000 // developers.cloudflare.com/kv/platform/limits: one write a second to one key
const WRITE_TRIES = 3

/** How long a key that has ended stays in lists. */
const KEPT_MS = 30 * 86_400_000

/** The index first: without a record it is a key that nobody has. */
export async function addKey({ hash, record }: MadeKey, ports: KeyStorePorts): Promise<void> {
  await write(indexKey(record.id), hash, summaryOf(record), record, ports)
  await write(recordKey(hash), printRecord(record), { v: 1, id: record.id }, record, ports)
  noteWritten(record, ports)
}

/** The record first: it is what requests go by. `before` is the record as it was read. */
export async function changeKey(
  { hash, record: before }: FoundKey,
  change: Partial<KeyRecord>,
  ports: KeyStorePorts,
): Promise<KeyRecord> {
  const waitMs = before.changedAt + WRITE_EVERY_MS - ports.clock.now()
  // Not longer than the limit: the clock that wrote `changedAt` may be ahead of this one.
  if (waitMs > 0) await ports.timers.after(Math.min(waitMs, WRITE_EVERY_MS)).done
  const record = { ...before, ...change, changedAt: ports.clock.now() }
  await write(recordKey(hash), printRecord(record), { v: 1, id: record.id }, record, ports)
  noteWritten(record, ports)
  await write(indexKey(record.id), hash, summaryOf(record), record, ports)
  return record
}

/** Takes back a key that nobody was shown. */
export async function removeKey({ hash, record }: FoundKey, ports: KeyStorePorts): Promise<void> {
  await ports.timers.after(WRITE_EVERY_MS).done
  await askStore(ports.documents.delete(recordKey(hash)), ports.timers)
  await askStore(ports.documents.delete(indexKey(record.id)), ports.timers)
}

/** The key with this id, or null. */
export async function findKey(id: string, ports: KeyStorePorts): Promise<FoundKey | null> {
  const index = await askStore(ports.documents.get(indexKey(id)), ports.timers)
  if (index === null) return null
  const stored = await askStore(ports.documents.get(recordKey(index.text)), ports.timers)
  const record = stored === null ? null : parseRecord(stored.text)
  if (record === null || record.id !== id) return null
  const summary = parseSummary(index.metadata)
  return { hash: index.text, record: newest(endedBy(record, summary), ports, ports.clock.now()) }
}

/**
 * Requests make KV keep old copies of a record; the index is hardly read, so its copy is newer. What it says has
 * ended has ended, or a rotation by an old copy could bring back a key that was revoked elsewhere.
 */
function endedBy(record: KeyRecord, summary: KeyRecord | null): KeyRecord {
  if (summary === null) return record
  return {
    ...record,
    revokedAt: record.revokedAt ?? summary.revokedAt,
    replacedBy: record.replacedBy ?? summary.replacedBy,
    graceUntil: record.graceUntil ?? summary.graceUntil,
  }
}

export interface KeyPage {
  readonly records: readonly KeyRecord[]
  readonly cursor: string | null
}

const PAGE_LIMIT = 1_000 // the most that KV lists at once
const MAX_PAGES = 5

/** Summaries of keys, oldest first; with a consumer only its own, and a page may then be shorter, even empty. */
export async function listKeys(
  choice: {
    readonly consumer: string | null
    readonly cursor: string | null
    readonly limit: number
  },
  ports: KeyStorePorts,
): Promise<KeyPage> {
  const { consumer } = choice
  const limit = consumer === null ? choice.limit : PAGE_LIMIT
  const records: KeyRecord[] = []
  let cursor = choice.cursor
  for (let page = 0; page < (consumer === null ? 1 : MAX_PAGES); page++) {
    const found = await askStore(ports.documents.list(indexPrefix, { cursor, limit }), ports.timers)
    for (const { metadata } of found.entries) {
      const record = parseSummary(metadata)
      if (record === null || (consumer !== null && record.consumer !== consumer)) continue
      records.push(newest(record, ports, ports.clock.now()))
    }
    cursor = found.cursor
    if (cursor === null || records.length >= choice.limit) break
  }
  return { records, cursor }
}

async function write(
  key: string,
  text: string,
  metadata: Metadata,
  record: KeyRecord,
  ports: KeyStorePorts,
): Promise<void> {
  const keeping = { until: keptUntil(record) }
  for (let tries = 1; ; tries++) {
    try {
      return await askStore(ports.documents.put(key, text, metadata, keeping), ports.timers)
    } catch (fault) {
      // Another isolate may have written the same key within this second.
      if (tries === WRITE_TRIES || !(fault instanceof StoreFault)) throw fault
      await ports.timers.after(WRITE_EVERY_MS).done
    }
  }
}

/** A key that has ended leaves the store by itself, and is unknown then. */
function keptUntil({ expiresAt, revokedAt, replacedBy, graceUntil }: KeyRecord): number | null {
  const ends = [expiresAt, revokedAt, replacedBy === null ? null : graceUntil]
  const first = Math.min(...ends.filter((end) => end !== null))
  return Number.isFinite(first) ? first + KEPT_MS : null
}
