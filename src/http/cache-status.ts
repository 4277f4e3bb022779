/** Cache-Status (RFC 9211): what this cache did with a request, as one member of the list. Pure. */

/** Why a request went on to the service (§2.2). */
export type ForwardReason =
  | 'bypass'
  | 'method'
  | 'uri-miss'
  | 'vary-miss'
  | 'miss'
  | 'request'
  | 'stale'
  | 'partial'

export interface CacheStatus {
  readonly hit?: boolean
  readonly fwd?: ForwardReason
  /** Of the service's answer (§2.3). */
  readonly fwdStatus?: number
  /** Seconds of freshness that are left; negative once it is over (§2.4). */
  readonly ttl?: number
  readonly stored?: boolean
  readonly collapsed?: boolean
  readonly key?: string
  /** A token for the operator (§2.8). */
  readonly detail?: string
}

/** The member of this gateway. */
export function writeCacheStatus(status: CacheStatus): string {
  let text = 'isogate'
  if (status.hit) text += '; hit'
  if (status.fwd !== undefined) text += `; fwd=${status.fwd}`
  if (status.fwdStatus !== undefined) text += `; fwd-status=${status.fwdStatus}`
  if (status.ttl !== undefined) text += `; ttl=${status.ttl}`
  if (status.stored) text += '; stored'
  if (status.collapsed) text += '; collapsed'
  if (status.key !== undefined) text += `; key="${status.key}"`
  if (status.detail !== undefined) text += `; detail=${status.detail}`
  return text
}
