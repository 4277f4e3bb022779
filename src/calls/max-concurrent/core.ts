/** What a call of an upstream with `maxConcurrent` asks of the fleet's slots. Pure. */
import type { Claim } from '../../buckets/claims.ts'
import { sha256Hex } from '../../buckets/sha256.ts'
import type { MaxConcurrentOptions } from './schema.ts'

const DEFAULT_STORE_TIMEOUT_MS = 1_000 // ROUTES.md §1.

// An object's name has at most 1,024 bytes, and names of upstreams may be of any length.
const MAX_NAME_LENGTH = 256

/** One slot; `object` is the name that the upstream's own object has: an upstream has one bucket. */
export function slotClaim(object: string, options: MaxConcurrentOptions): Claim {
  const given = typeof options === 'number' ? { limit: options } : options
  const { limit, storeTimeoutMs = DEFAULT_STORE_TIMEOUT_MS, onStoreFault = 'local' } = given
  const policy = `upstream:${object.length <= MAX_NAME_LENGTH ? object : sha256Hex(object)}`
  return Object.freeze({
    label: policy,
    place: Object.freeze({ policy, object: `${policy}|slots`, bucket: '', location: null }),
    shape: Object.freeze({ kind: 'slots', limit }),
    cost: 1,
    storeTimeoutMs,
    onStoreFault,
  })
}
