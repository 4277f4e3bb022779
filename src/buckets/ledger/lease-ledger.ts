/**
 * One bucket of kind `rate` or `quota` in its object (LEASES.md §4 and §5, leases in batches). Invariant: the level
 * and what isolates hold together never exceed what the ideal bucket, fed with the real admissions, would hold. A
 * quota is the same with no refill, which begins anew with each period. No I/O: `takeLine` says what to write.
 */
import type { BucketChange, BucketView, LeaseCall, LeaseReply } from '../messages.ts'
import type { QuotaShape, RateShape } from '../shape.ts'
import { refilled, tokensIn, type Units } from '../units.ts'
import { type Account, Accounts, LEASE_GRACE_MS, LEASE_TTL_MS } from './accounts.ts'
import { decideGrant } from './grant.ts'
import { fullAtOf, lineNow, writtenLine } from './lease-line.ts'
import type { LeaseLine } from './lines.ts'
import { type Span, spanAt } from './period.ts'
import { RefundPools } from './refund-pools.ts'
import { converted, leaseUnitsOf, sameShape } from './reshape.ts'
import type { SharedLine } from './shared-line.ts'

export type LeaseShape = RateShape | QuotaShape

// A token of a quota may not be spent in the next period: what two clocks may drift apart in one lease, and rounding.
const PERIOD_MARGIN_MS = 10

// An instance that another one replaced is gone within seconds: so long it may answer calls that it had already.
const REPLACED_MS = 60_000

export interface LeaseStart {
  readonly shape: LeaseShape
  /** As stored; null where nothing is: the bucket is full. */
  readonly line: LeaseLine | null
  readonly now: number
  /** Random, of this start. */
  readonly incarnation: string
  /** The line of the buckets that have none of their own; none where each has to. */
  readonly shared?: SharedLine | undefined
}

export class LeaseLedger {
  readonly accounts = new Accounts()
  readonly #pools = new RefundPools()
  readonly #start: string
  #shape: LeaseShape
  #units: Units
  /** Units; below 0 it owes. */
  #level: number
  #at: number
  #span: Span | null
  // Until then tokens of the life before may be spent by isolates that have not called yet: at most so many. They
  // take room beside what this life gives out.
  #holdersUntil = 0
  #holdersOut = 0
  /** What storage has, as long as it is known to hold; null: the next call writes. */
  #line: LeaseLine | null
  #isStored: boolean
  #unwritten: LeaseLine | null = null
  readonly #shared: SharedLine | null

  constructor({ shape, line, now, incarnation, shared = undefined }: LeaseStart) {
    this.#start = incarnation
    this.#shared = shared ?? null
    this.#shape = line?.shape ?? shape
    this.#units = leaseUnitsOf(this.#shape)
    this.#at = now
    this.#span = this.#shape.kind === 'quota' ? spanAt(this.#shape.period, now) : null
    const isOnShared = line === null && shape.kind === 'rate'
    this.#level = (isOnShared ? shared?.begin(this.#units, now) : undefined) ?? this.#units.full
    this.#isStored = line !== null
    // A clock that went back over the restart makes a line of the future: the next call writes another one.
    this.#line = line !== null && line.at > now ? null : line
    if (line !== null) this.#resume(line, now)
    this.shapeTo(shape, now)
  }

  /** Begins where the last life can have ended at worst. */
  #resume(line: LeaseLine, now: number): void {
    // A quota that was spent stays spent when the clock goes back behind its period.
    if (line.kind === 'quota') this.#span = line.span
    else {
      // Until its line is full an older instance that still runs may lease without a write.
      const leasesUntil = Math.min(fullAtOf(line), now + REPLACED_MS)
      this.#holdersUntil = leasesUntil + LEASE_TTL_MS + LEASE_GRACE_MS
      this.#holdersOut = now < this.#holdersUntil ? line.outstanding : 0
    }
    const least = lineNow(line, this.#units, now)
    this.#level = line.kind === 'quota' ? least : Math.min(least, this.#cap())
  }

  /** Names this start and, of a quota, the period: tokens of another one are never taken back. */
  get incarnation(): string {
    return this.#span === null ? this.#start : `${this.#start}.${this.#span.start}`
  }

  /** Units, and what one token is in them. */
  get level(): number {
    return this.#level
  }

  get token(): number {
    return this.#units.token
  }

  call(message: LeaseCall, now: number): LeaseReply | { readonly kind: 'stale' } {
    this.#settle(now)
    const known = this.accounts.get(message.isolate)
    if (known !== undefined && message.seq <= known.seq) return { kind: 'stale' }
    const account = known ?? this.accounts.open(message.isolate)
    this.#takeIn(message, account, now)
    const isolates = this.accounts.active(now)
    const resetMs = this.#span === null ? null : Math.max(1, this.#span.end - now)
    const ttlMs =
      resetMs === null
        ? LEASE_TTL_MS
        : Math.min(LEASE_TTL_MS, Math.max(0, resetMs - PERIOD_MARGIN_MS))
    const grant = message.final
      ? { granted: 0, direct: 0, lease: 0, waitMs: 0 }
      : decideGrant(message, {
          units: this.#units,
          level: this.#level,
          outstanding: this.accounts.outstanding,
          isolates,
          ttlMs,
          resetMs,
        })
    this.#debit(account, grant, now)
    this.#writeAhead(now)
    return {
      kind: 'leased',
      seq: message.seq,
      incarnation: this.incarnation,
      at: now,
      granted: grant.granted,
      lease: grant.lease,
      ttlMs,
      waitMs: grant.waitMs,
      all: tokensIn(this.#level + this.accounts.outstanding * this.token, this.token),
      isolates,
      resetMs,
    }
  }

  look(now: number): BucketView {
    this.#settle(now)
    return {
      shape: this.#shape.kind,
      limit: this.#shape.limit,
      available: tokensIn(this.#level, this.token),
      outstanding: this.accounts.outstanding,
      isolates: this.accounts.size,
      resetsAt: this.#span?.end ?? null,
    }
  }

  /** An operator's hand. What isolates hold stays with them. */
  change(change: BucketChange, now: number): void {
    this.#settle(now)
    if (change.kind === 'reset') {
      if (this.#shape.kind === 'quota') this.#span = spanAt(this.#shape.period, now)
      this.#level = this.#cap()
    } else {
      this.#level = Math.max(
        this.#level,
        Math.min(this.#level + change.tokens * this.token, this.#cap()),
      )
    }
    this.#pools.clear()
    this.#write(now, { ahead: false })
  }

  /** Another table: what was spent stays spent, and what the new bucket cannot hold is gone. */
  shapeTo(shape: LeaseShape, now: number): void {
    if (shape === this.#shape || sameShape(shape, this.#shape)) return
    this.#settle(now)
    const units = leaseUnitsOf(shape)
    this.#level = converted(this.#level, { from: this.#shape, to: shape })
    if (shape.kind === 'quota') this.#span = spanAt(shape.period, now)
    this.#shape = shape
    this.#units = units
    this.#level = Math.min(this.#level, this.#cap())
    this.#pools.clear()
    this.#line = null
  }

  /** What storage has to hold before a reply leaves, once; null where it holds it. */
  takeLine(): LeaseLine | null {
    const line = this.#unwritten
    this.#unwritten = null
    return line
  }

  /** Whether a start would have less than there is: worth a line of its own when nobody calls. */
  get isAhead(): boolean {
    return this.#line !== null && lineNow(this.#line, this.#units, this.#at) < this.#level
  }

  /** Writes what there is exactly, so that sleep loses nothing. */
  tidy(now: number): void {
    this.#settle(now)
    if (this.isAhead) this.#write(now, { ahead: false })
  }

  /** Nothing is to be remembered: it is full, nothing is out, nobody has a call on its way. */
  rests(now: number): boolean {
    this.#settle(now)
    return this.#level >= this.#units.full && this.accounts.size === 0
  }

  /** When it will rest, if nobody calls. */
  restsAt(now: number): number {
    this.#settle(now)
    const ended = Math.max(now, this.accounts.endsAt(), this.#holdersUntil)
    if (this.#span !== null)
      return Math.max(ended, this.#level < this.#units.full ? this.#span.end : 0)
    const fillMs = Math.ceil((this.#units.full - this.#level) / this.#units.refill)
    return Math.max(ended, now + fillMs)
  }

  /** What it can be opened from again with nothing lost; null while it is more than its line. */
  asleep(now: number): LeaseLine | null {
    this.#settle(now)
    const line = this.#line
    if (line === null || this.isAhead || this.accounts.size > 0) return null
    return line.kind === 'rate' && line.outstanding > 0 ? null : line
  }

  /** The clock was set back by more than can be waited out: time goes on from its new reading. */
  shift(byMs: number): void {
    this.#at += byMs
    this.#holdersUntil += byMs
    this.accounts.shift(byMs)
    // Whoever gives back says when it was granted, in the old time.
    this.#pools.clear()
    this.#line = null
  }

  /** What the bucket may hold at most: a token that an isolate holds still takes its room. */
  #cap(): number {
    return Math.max(0, this.#units.full - this.#out() * this.#units.token)
  }

  /** Tokens that may be spent without asking, those of the life before included. */
  #out(): number {
    return this.accounts.outstanding + this.#holdersOut
  }

  #fill(to: number): void {
    if (to <= this.#at) return
    const cap = this.#cap()
    this.#level = refilled(this.#level, to - this.#at, this.#units.refill, cap)
    this.#at = to
    if (this.#span === null) this.#pools.spill(this.#level, cap, to)
  }

  /** Brings everything up to now: exact at each end of a lease, in the order of time. */
  #settle(now: number): void {
    this.#roll(now)
    if (this.#holdersOut > 0 && this.#holdersUntil <= now) {
      this.#fill(this.#holdersUntil)
      this.#holdersOut = 0
    }
    this.accounts.expire(now, (at) => this.#fill(at))
    this.#fill(now)
  }

  #roll(now: number): void {
    if (this.#shape.kind !== 'quota' || this.#span === null || now < this.#span.end) return
    this.#span = spanAt(this.#shape.period, now)
    this.#level = this.#units.full
    this.#at = now
    this.accounts.clear()
    this.#pools.clear()
    this.#line = null
  }

  /** What the isolate says of its last reply, of what it holds, gave back and owes. */
  #takeIn(message: LeaseCall, account: Account, now: number): void {
    const { token, full } = this.#units
    const isSame = message.incarnation === this.incarnation
    const isUnheard = account.seq > message.ack
    if (isSame && isUnheard) {
      // Its last reply never arrived: the grant is taken back.
      this.#level += account.lease * token
      this.accounts.setOut(account, account.out - account.lease)
      this.#level += this.#pools.credit(account.direct * token, account.grantedAt)
    }
    if (isSame) {
      const back = Math.max(0, Math.min(message.back - account.back, account.out))
      this.#level += back * token
    }
    account.back = isSame ? message.back : 0
    this.#hold(account, message, isSame)
    if (isSame && message.refund > 0) {
      this.#level += this.#pools.credit(message.refund * token, message.refundAt)
    }
    const charged = isUnheard ? account.charged : 0
    if (message.overdrawn > charged) {
      const owing = this.#level - (message.overdrawn - charged) * token
      // One full bucket of debt at most: a mistake of one request may not shut a consumer out for ever.
      this.#level = Math.min(this.#level, Math.max(owing, -full))
    }
    account.charged = Math.max(charged, message.overdrawn)
    account.seq = message.seq
    if (!message.final) this.accounts.markActive(account, now)
    this.accounts.keep(account, now)
    const cap = this.#cap()
    this.#level = Math.min(this.#level, cap)
    if (this.#span === null) this.#pools.spill(this.#level, cap, now)
  }

  /** What it may still spend. Holders of an earlier start are taken over from those that have not called yet. */
  #hold(account: Account, { incarnation, hold }: LeaseCall, isSame: boolean): void {
    // Tokens of a period that is over ended with it, while this call was on its way.
    const isOver = this.#span !== null && !incarnation.endsWith(`.${this.#span.start}`)
    this.accounts.setOut(account, isOver ? 0 : hold)
    if (!isSame) this.#holdersOut = Math.max(0, this.#holdersOut - account.out)
  }

  #debit(
    account: Account,
    { direct, lease }: { readonly direct: number; readonly lease: number },
    now: number,
  ): void {
    this.#level -= (direct + lease) * this.#units.token
    account.direct = direct
    account.lease = lease
    account.grantedAt = now
    this.#pools.add(direct * this.#units.token)
    if (lease > 0) this.accounts.setOut(account, account.out + lease)
  }

  /** Nothing leaves before storage has a line that is not above what is left, nor says less than is out. */
  #writeAhead(now: number): void {
    const line = this.#line
    if (line === null) {
      const isFresh = !this.#isStored && this.#out() === 0
      if (isFresh && (this.#level >= this.#units.full || this.#isCovered(now))) return
    } else {
      const isAnnounced = line.kind === 'quota' || this.#out() <= line.outstanding
      if (isAnnounced && this.#level >= lineNow(line, this.#units, now)) return
    }
    this.#write(now, { ahead: true })
  }

  #isCovered(now: number): boolean {
    return this.#span === null && this.#shared?.covers(this.#units, this.#level, now) === true
  }

  #write(now: number, { ahead }: { readonly ahead: boolean }): void {
    this.#line = writtenLine({
      shape: this.#shape,
      units: this.#units,
      span: this.#span,
      level: this.#level,
      outstanding: this.#out(),
      now,
      ahead,
    })
    this.#unwritten = this.#line
    this.#isStored = true
  }
}
