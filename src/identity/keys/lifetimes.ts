/** How long what is known of a key holds, and what follows for a revocation (docs/operating-keys.md). */

/** An isolate goes by a record this long before it reads it again. */
export const KNOWN_MS = 30_000
/** A key that was not found is not asked for again for this long. */
export const UNKNOWN_MS = 10_000
/** With `onStoreFault: "allow"`: for how long a record that was read may serve while the store is away. */
export const LAST_KNOWN_MS = 3_600_000
/** After a fault such a record serves this long before the store is asked again. */
export const FAULT_HOLD_MS = 5_000

// A write to KV is seen elsewhere within 60 s, and a location keeps what it read for its cacheTtl, 30 s.
const KV_MS = { cloudflare: 60_000 + 30_000, machine: 0 }

/** Seconds until no isolate takes a revoked key any more. */
export function revocationBoundSeconds(host: 'cloudflare' | 'machine'): number {
  return (KV_MS[host] + KNOWN_MS) / 1_000
}
