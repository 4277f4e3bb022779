/** Decides whether a key is taken, by its record alone, and what a fault of the store comes to. Pure. */
import { type KeyRecord, stateOf } from '../../identity/keys/record.ts'

export type KeyVerdict =
  | { readonly kind: 'accepted' }
  /** Why, for the operator's event alone: a client is told the same in each case. */
  | {
      readonly kind: 'refused'
      readonly reason: 'key-revoked' | 'key-expired' | 'key-replaced' | 'key-wrong-route'
    }

const accepted: KeyVerdict = Object.freeze({ kind: 'accepted' })

/**
 * Asked on every use, since a record stays in memory while times go by. A key for some routes is its consumer's
 * wherever no route is asked for (`route` is null).
 */
export function judgeKey(record: KeyRecord, route: string | null, now: number): KeyVerdict {
  const state = stateOf(record, now)
  switch (state) {
    case 'active':
    case 'grace':
      return record.routes === null || route === null || record.routes.includes(route)
        ? accepted
        : { kind: 'refused', reason: 'key-wrong-route' }
    case 'revoked':
    case 'expired':
    case 'replaced':
      return { kind: 'refused', reason: `key-${state}` }
  }
}

/**
 * `allow` trusts what the store said last; it never lets a key pass that this isolate has not seen, since anyone
 * can make a well-formed one.
 */
export function decideFault(
  onStoreFault: 'allow' | 'deny',
  last: KeyRecord | null,
): { readonly kind: 'last-known'; readonly record: KeyRecord } | { readonly kind: 'unavailable' } {
  return onStoreFault === 'allow' && last !== null
    ? { kind: 'last-known', record: last }
    : { kind: 'unavailable' }
}
