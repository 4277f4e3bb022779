/**
 * Remembers the nonces of verified signatures until these are too old to count. Exact within an isolate; across
 * the isolates of a location by the Cache API, which may forget and takes a moment; across locations not at all.
 */
import { digestOf, hexOf } from '../../identity/equal.ts'
import type { Ports } from '../../platform/ports.ts'

type ReplayPorts = Pick<Ports, 'clock' | 'memories' | 'responses' | 'defer'>

// Some 150 bytes each. Those that go before their time are still known at this location.
const CAPACITY = 20_000

/** Whether a nonce comes for the first time; it is remembered at once, so that of two at a time one is first. */
export async function isFirstUse(
  ports: ReplayPorts,
  nonce: { readonly keyId: string; readonly nonce: string; readonly untilSeconds: number },
): Promise<boolean> {
  const { memories, responses } = ports
  const now = ports.clock.now()
  const key = hexOf(await digestOf(JSON.stringify([nonce.keyId, nonce.nonce])))
  const seen = memories.of<true>('hmac:nonces', CAPACITY)
  if (seen.get(key, now) !== undefined) return false
  const expiresAt = nonce.untilSeconds * 1000
  seen.set(key, true, expiresAt)
  const place = `hmac nonce ${key}`
  if ((await responses.get(place)) !== null) return false
  ports.defer(responses.put(place, 'seen', Math.max(1, Math.ceil((expiresAt - now) / 1000))))
  return true
}
