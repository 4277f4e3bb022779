/** What the admin surface shows of a key: never the key, nor its hash. */
import { isoOf, type KeyRecord, stateOf } from '../identity/keys/record.ts'

/** A row of a list. */
export function summaryViewOf(record: KeyRecord, now: number) {
  return {
    id: record.id,
    prefix: record.prefix,
    consumer: record.consumer,
    plan: record.plan,
    state: stateOf(record, now),
    createdAt: isoOf(record.createdAt),
    expiresAt: isoOf(record.expiresAt),
    revokedAt: isoOf(record.revokedAt),
    replacedBy: record.replacedBy,
    graceUntil: isoOf(record.graceUntil),
  }
}

/** All that is known of one key. */
export function detailsOf(record: KeyRecord, now: number) {
  const { scopes, roles, permissions, metadata, routes, description } = record
  return {
    ...summaryViewOf(record, now),
    scopes,
    roles,
    permissions,
    metadata,
    routes,
    description,
  }
}
