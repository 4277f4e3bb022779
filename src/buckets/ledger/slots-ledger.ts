/**
 * Slots of one bucket (ROUTES.md §5, concurrency): who holds how many, each for a while, so that an isolate that
 * died holds none for ever. Whoever calls has let go of all beyond what it uses, so no slot is ever held twice.
 */
import type { BucketChange, BucketView, SlotsCall, SlotsReply } from '../messages.ts'
import type { SlotsShape } from '../shape.ts'
import type { SlotsLine } from './lines.ts'

/** How long slots are held without another call. */
export const SLOTS_TTL_MS = 10_000
/** What the object adds: the isolate counts from sending and always stops first. */
export const SLOTS_GRACE_MS = 1_000
// Fewer slots per isolate are given one by one: a spare one here would be missed there.
const MIN_SLOTS_PER_ISOLATE = 8
// A released slot is known here with the next call only: so often a dry isolate may look.
const MIN_WAIT_MS = 100
const CALLS_PER_SECOND = 200

interface Holder {
  seq: number
  held: number
  expiresAt: number
}

export interface SlotsStart {
  readonly shape: SlotsShape
  readonly line: SlotsLine | null
  readonly now: number
}

export class SlotsLedger {
  readonly #holders = new Map<string, Holder>()
  #shape: SlotsShape
  /** Held, over all. */
  #held = 0
  // What the life before gave out and nobody has claimed since; free at the latest when their time is over.
  #unclaimed: number
  #unclaimedUntil: number
  #earliest = Number.POSITIVE_INFINITY
  /** At most so many are held, as storage has it. */
  #announced: number
  #unwritten: SlotsLine | null = null

  constructor({ shape, line, now }: SlotsStart) {
    this.#shape = shape
    this.#unclaimed = line?.held ?? 0
    this.#announced = this.#unclaimed
    this.#unclaimedUntil = now + SLOTS_TTL_MS + SLOTS_GRACE_MS
  }

  call(message: SlotsCall, now: number): SlotsReply | { readonly kind: 'stale' } {
    this.#settle(now)
    const holder = this.#holderOf(message)
    if (holder === null) return { kind: 'stale' }
    this.#hold(holder, message.using)
    const free = Math.max(0, this.#shape.limit - this.#held - this.#unclaimed)
    const granted = Math.min(message.need, free)
    const block = Math.min(message.want, this.#spare(free - granted))
    this.#hold(holder, message.using + granted + block)
    holder.seq = message.seq
    holder.expiresAt = now + SLOTS_TTL_MS + SLOTS_GRACE_MS
    this.#earliest = Math.min(this.#earliest, holder.expiresAt)
    this.#writeAhead(now)
    return {
      kind: 'slots',
      seq: message.seq,
      held: holder.held,
      ttlMs: SLOTS_TTL_MS,
      waitMs: granted < message.need ? this.#waitMs() : 0,
      taken: this.#held + this.#unclaimed,
    }
  }

  look(now: number): BucketView {
    this.#settle(now)
    const taken = this.#held + this.#unclaimed
    return {
      shape: 'slots',
      limit: this.#shape.limit,
      available: Math.max(0, this.#shape.limit - taken),
      outstanding: taken,
      isolates: this.#holders.size,
      resetsAt: null,
    }
  }

  /** Holders that are still there come back with their next call. Slots cannot be added. */
  change(change: BucketChange, now: number): void {
    this.#settle(now)
    if (change.kind === 'top-up') return
    this.#holders.clear()
    this.#held = 0
    this.#unclaimed = 0
    this.#write(0, now)
  }

  shapeTo(shape: SlotsShape): void {
    this.#shape = shape
  }

  takeLine(): SlotsLine | null {
    const line = this.#unwritten
    this.#unwritten = null
    return line
  }

  /** Whether a start would take more for held than is. */
  get isAhead(): boolean {
    return this.#announced > this.#held + this.#unclaimed
  }

  tidy(now: number): void {
    this.#settle(now)
    if (this.isAhead) this.#write(this.#held + this.#unclaimed, now)
  }

  /** Nobody holds anything, and nobody has a call on its way. */
  rests(now: number): boolean {
    this.#settle(now)
    return this.#holders.size === 0 && this.#unclaimed === 0
  }

  restsAt(now: number): number {
    this.#settle(now)
    let latest = this.#unclaimed > 0 ? this.#unclaimedUntil : now
    for (const { expiresAt } of this.#holders.values()) latest = Math.max(latest, expiresAt)
    return latest
  }

  /** While anything is held its line does not tell until when. */
  asleep(): SlotsLine | null {
    return null
  }

  shift(byMs: number): void {
    for (const holder of this.#holders.values()) holder.expiresAt += byMs
    this.#unclaimedUntil += byMs
    this.#earliest += byMs
  }

  #holderOf({ isolate, seq, using }: SlotsCall): Holder | null {
    const known = this.#holders.get(isolate)
    if (known !== undefined) return seq <= known.seq ? null : known
    const holder: Holder = { seq: 0, held: 0, expiresAt: 0 }
    this.#holders.set(isolate, holder)
    // One that this life does not know brings what it holds of the life before.
    this.#unclaimed = Math.max(0, this.#unclaimed - using)
    return holder
  }

  #hold(holder: Holder, slots: number): void {
    this.#held += slots - holder.held
    holder.held = slots
  }

  /** Spare slots for one isolate, so that its next requests need no call. */
  #spare(free: number): number {
    const isolates = this.#holders.size
    if (this.#shape.limit < MIN_SLOTS_PER_ISOLATE * isolates) return 0
    return Math.min(
      Math.floor(this.#shape.limit / (MIN_SLOTS_PER_ISOLATE * isolates)),
      Math.floor(free / (2 * isolates)),
    )
  }

  #waitMs(): number {
    return Math.max(MIN_WAIT_MS, Math.ceil((1_000 * this.#holders.size) / CALLS_PER_SECOND))
  }

  #settle(now: number): void {
    if (this.#unclaimed > 0 && now >= this.#unclaimedUntil) this.#unclaimed = 0
    if (now < this.#earliest) return
    this.#earliest = Number.POSITIVE_INFINITY
    for (const [isolate, holder] of this.#holders) {
      if (holder.expiresAt <= now) {
        this.#hold(holder, 0)
        this.#holders.delete(isolate)
      } else this.#earliest = Math.min(this.#earliest, holder.expiresAt)
    }
  }

  /** Storage says how many are held at most before a slot is given out; doubled, so that it is said seldom. */
  #writeAhead(now: number): void {
    const taken = this.#held + this.#unclaimed
    if (taken > this.#announced)
      this.#write(Math.max(taken, Math.min(this.#shape.limit, 2 * taken)), now)
  }

  #write(held: number, now: number): void {
    this.#announced = held
    this.#unwritten = { kind: 'slots', held, at: now }
  }
}
