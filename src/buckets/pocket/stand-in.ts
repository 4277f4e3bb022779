/** Tickets that no object stands behind: a cost of 0, and what `onStoreFault` puts in the place of a failed store. */
import type { Ports } from '../../platform/ports.ts'
import type { Claim, RefusedClaim, Ticket } from '../claims.ts'
import { type LocalBucket, localOf } from '../local.ts'
import type { Asking } from './asking.ts'
import { refusedClaim } from './draw.ts'
import type { Entry } from './entry.ts'

/** What a claim gets whose store failed; null where its policy says `deny`. */
export function standIn(
  claim: Claim,
  { entry, isolates }: { readonly entry: Entry<Asking>; readonly isolates: number | null },
  ports: Ports,
): Ticket | RefusedClaim | null {
  if (claim.onStoreFault === 'deny') return null
  if (claim.onStoreFault === 'allow') return new UnlimitedTicket(claim, 'unlimited')
  const now = ports.clock.now()
  const local = localOf(entry.local, { shape: claim.shape, isolates }, now)
  entry.local = local
  const waitMs = local.take(claim.cost, now)
  if (waitMs === 0) return new LocalTicket(claim, local, ports)
  // Never, as far as its share goes; but the store comes back, and then the whole limit holds.
  const retryMs = waitMs === Number.POSITIVE_INFINITY ? STORE_RETRY_MS : waitMs
  return refusedClaim(claim, retryMs, false)
}

const STORE_RETRY_MS = 1_000

/** Asks nothing and limits nothing. */
export class UnlimitedTicket implements Ticket {
  readonly claim: Claim
  readonly by: 'bucket' | 'unlimited'

  constructor(claim: Claim, by: 'bucket' | 'unlimited') {
    this.claim = claim
    this.by = by
  }

  remaining(): number {
    const { shape } = this.claim
    return shape.kind === 'rate' ? shape.burst : shape.limit
  }

  resetMs(): null {
    return null
  }

  settle(): void {}
  refund(): void {}
  leave(): void {}

  more(): boolean {
    return true
  }

  overdraw(): void {}
}

class LocalTicket implements Ticket {
  readonly by = 'local'
  readonly claim: Claim
  readonly #local: LocalBucket
  readonly #ports: Ports
  #taken: number
  #isOpen = true

  constructor(claim: Claim, local: LocalBucket, ports: Ports) {
    this.claim = claim
    this.#local = local
    this.#ports = ports
    this.#taken = claim.cost
  }

  remaining(now: number): number {
    return this.#local.remaining(now)
  }

  resetMs(now: number): number | null {
    if (this.#local.remaining(now) > 0) return null
    const { shape } = this.claim
    return shape.kind === 'rate'
      ? Math.ceil((shape.windowMs * this.#local.sharedBy) / shape.limit)
      : STORE_RETRY_MS
  }

  settle(cost = this.#taken): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (cost < this.#taken) this.#local.giveBack(this.#taken - cost, this.#ports.clock.now())
    this.#local.release()
  }

  refund(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#local.giveBack(this.#taken, this.#ports.clock.now())
  }

  leave(): void {
    this.settle()
  }

  more(cost: number): boolean {
    if (this.#local.take(cost, this.#ports.clock.now()) !== 0) return false
    this.#taken += cost
    return true
  }

  overdraw(cost: number): void {
    const now = this.#ports.clock.now()
    const tokens = Math.min(cost, this.#local.remaining(now))
    if (tokens > 0) this.#local.take(tokens, now)
  }
}
