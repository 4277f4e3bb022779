/**
 * One request's hold on its key: asked for, renewed while the request runs, and ended with what it came to. The
 * store's faults are values; nobody waits for it longer than the table says.
 */
import type {
  BeginReply,
  Ending,
  Fingerprint,
  KeyPlace,
  OnUnknown,
} from '../../idempotency/messages.ts'
import type { Ports } from '../../platform/ports.ts'

// An isolate that dies holds a key for at most this long.
const LEASE_MS = 30_000
// Two renewals may be lost.
const RENEW_MS = 10_000

export interface HoldRules {
  readonly ttlMs: number
  readonly onUnknown: OnUnknown
  readonly storeTimeoutMs: number
}

export type HoldReply =
  | Exclude<BeginReply, { readonly kind: 'run' }>
  | { readonly kind: 'fault' }
  | Held

export interface Held {
  readonly kind: 'held'
  /** False where the store did not take it in time: then the key is free when its lease is over. */
  end(ending: Ending, bodyHash: string | null): Promise<boolean>
}

/** Asks for the key. */
export async function takeHold(
  ports: Ports,
  place: KeyPlace,
  fingerprint: Fingerprint,
  rules: HoldRules,
): Promise<HoldReply> {
  const { ttlMs, onUnknown, storeTimeoutMs } = rules
  const token = ports.randomness.hex(16)
  const message = { token, fingerprint, leaseMs: LEASE_MS, ttlMs, onUnknown }
  const begun = ports.idempotency.begin(place, message)
  const reply = await inTime(ports, storeTimeoutMs, begun)
  if (reply === null) {
    // It may come to hold the key yet, for a request that does not run.
    ports.defer(begun.then((late) => letGo(ports, place, token, late)).catch(() => {}))
    return { kind: 'fault' }
  }
  if (reply.kind !== 'run') return reply
  const stop = keepRenewing(ports, place, token)
  return {
    kind: 'held',
    async end(ending, body) {
      stop()
      const ended = ports.idempotency.end(place, { token, body, ttlMs, ending })
      return (
        (await inTime(
          ports,
          storeTimeoutMs,
          ended.then(() => true),
        )) ?? false
      )
    },
  }
}

async function letGo(
  ports: Ports,
  place: KeyPlace,
  token: string,
  late: BeginReply,
): Promise<void> {
  if (late.kind !== 'run') return
  await ports.idempotency.end(place, { token, body: null, ttlMs: 0, ending: { kind: 'free' } })
}

/** Until it is told to stop, or hears that the key is somebody else's. */
function keepRenewing({ timers, idempotency }: Ports, place: KeyPlace, token: string): () => void {
  let alarm = timers.after(RENEW_MS)
  let isOver = false
  async function renew(): Promise<void> {
    while (!isOver) {
      await alarm.done
      if (isOver) return
      // A renewal that is lost is made up for by the next.
      const isHeld = await idempotency.renew(place, token, LEASE_MS).catch(() => true)
      if (!isHeld) return
      alarm = timers.after(RENEW_MS)
      if (isOver) alarm.cancel()
    }
  }
  // Not deferred: a call that is canceled never rings, and nobody may wait for that.
  void renew()
  return () => {
    isOver = true
    alarm.cancel()
  }
}

/** Null where it failed, or did not come in time. */
async function inTime<Value>(
  { timers }: Pick<Ports, 'timers'>,
  ms: number,
  work: Promise<Value>,
): Promise<Value | null> {
  const alarm = timers.after(ms)
  try {
    return await Promise.race([work, alarm.done.then(() => null)])
  } catch {
    return null
  } finally {
    alarm.cancel()
    work.catch(() => {})
  }
}
