/**
 * What is known of an API key: the record that stands in KV under `key:<sha-256 hex>`, and the state it is in.
 * A record that cannot be read is no record: its key is refused. Pure.
 */
import type { Metadata } from '../../platform/ports.ts'

export const recordPrefix = 'key:'
/** Beside it stands the index: `key-id:<id>` has the hash as its text and a summary as its metadata. */
export const indexPrefix = 'key-id:'

export const recordKey = (hash: string): string => recordPrefix + hash
export const indexKey = (id: string): string => indexPrefix + id

export type MetadataValue = string | number | boolean

/** Times are milliseconds since 1970; in the store they are ISO 8601. */
export interface KeyRecord {
  /** 24 hex digits, rising with time. */
  readonly id: string
  /** What may be shown of the key: `isg_live_abcd…`. */
  readonly prefix: string
  readonly consumer: string
  readonly plan: string | null
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly metadata: Readonly<Record<string, MetadataValue>>
  /** Names of routes that take the key; null is all. */
  readonly routes: readonly string[] | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** The id of the key that came in its place, and until when this one is taken beside it. */
  readonly replacedBy: string | null
  readonly graceUntil: number | null
  /** When the record was last written. */
  readonly changedAt: number
  readonly description: string | null
}

/** `grace`: replaced, and still taken for a while. */
export type KeyState = 'active' | 'grace' | 'replaced' | 'expired' | 'revoked'

/** An end is reached at its own millisecond: a key that expires at 5 is taken at 4 and not at 5. */
export function stateOf(record: KeyRecord, now: number): KeyState {
  if (record.revokedAt !== null) return 'revoked'
  if (record.expiresAt !== null && now >= record.expiresAt) return 'expired'
  // A rotation always says until when; without that the safe reading is that the time is over.
  if (record.replacedBy !== null || record.graceUntil !== null) {
    return record.graceUntil !== null && now < record.graceUntil ? 'grace' : 'replaced'
  }
  return 'active'
}

/** Printable ASCII: it may stand in a header field as it is. */
export const printable = /^[\x20-\x7e]*$/

/** The part of a record that stands beside the index: what lists show. KV takes 1,024 bytes there. */
export function summaryOf(record: KeyRecord): Metadata {
  const { id, prefix, consumer, plan, replacedBy } = record
  const times = {
    createdAt: isoOf(record.createdAt),
    expiresAt: isoOf(record.expiresAt),
    revokedAt: isoOf(record.revokedAt),
    graceUntil: isoOf(record.graceUntil),
    changedAt: isoOf(record.changedAt),
  }
  const all = { v: 1, id, prefix, consumer, plan, replacedBy, ...times }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

/** The text of a record. */
export function printRecord(record: KeyRecord): string {
  return JSON.stringify({
    v: 1,
    ...record,
    createdAt: isoOf(record.createdAt),
    expiresAt: isoOf(record.expiresAt),
    revokedAt: isoOf(record.revokedAt),
    graceUntil: isoOf(record.graceUntil),
    changedAt: isoOf(record.changedAt),
  })
}

/** ISO 8601 in UTC; null stays null. */
export function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
