/**
 * Calls of an isolate to a bucket's object, one at a time over all of its requests. A promise belongs to the request
 * that made it: it is deferred there and carries plain data, whoever waits on it does not wait for ever, and takes
 * over where the request that leads has ended.
 */
import type { Ports } from '../../platform/ports.ts'
import type { Claim } from '../claims.ts'
import type { BucketReply } from '../messages.ts'
import { type Asking, CALL_TIMEOUT_MS, type Waiter } from './asking.ts'
import type { Entry, PocketEntry, SlotsEntry } from './entry.ts'
import { IDLE_MS } from './pocket.ts'
import { Slots } from './slots.ts'

// An overloaded object is left alone for so long, each isolate for another time.
const OVERLOAD_PAUSE_MS = 100
const OVERLOAD_SPREAD_MS = 200
// A request leads a second call where it came during the first, and more where requests ended that led.
const MAX_LED = 6
// While requests come, another one takes the watch over, so that none is kept for more than a few seconds.
const WATCH_MS = 3_000
// The runtime ends deferred work 30 s after the answer; the last call needs some of them.
const WATCH_LOOKS = 25

type Landing =
  | { readonly kind: 'replied'; readonly reply: BucketReply }
  | { readonly kind: 'failed' }
  | { readonly kind: 'late' }

export interface Flight {
  readonly seq: number
  readonly startedAt: number
  readonly landing: Promise<Landing>
}

/** Plain data: whoever sees another one in its place stops. */
export interface Watch {
  readonly startedAt: number
  seenAt: number
}

type AnyEntry = PocketEntry | SlotsEntry

/** What a request asks for, and with what. */
export interface Asked {
  readonly entry: AnyEntry
  readonly claim: Claim
  readonly ports: Ports
}

const late: Landing = { kind: 'late' }
const failed: Landing = { kind: 'failed' }

/** Waits until the object has decided, at most as long as the claim's store may take. */
export async function ask(asked: Asked): Promise<Waiter> {
  const { entry, claim, ports } = asked
  const { account } = entry
  const waiter = account.join(claim.cost)
  const startedAt = ports.clock.now()
  let led = 0
  while (waiter.state === 'waiting') {
    const now = ports.clock.now()
    const leftMs = startedAt + claim.storeTimeoutMs - now
    const joined = flightOf(entry, now)
    if (joined === null) led += 1
    const flight = joined ?? lead(asked, { final: false })
    const flightLeftMs = flight.startedAt + CALL_TIMEOUT_MS - now
    const landing = await wait(flight, Math.min(leftMs, flightLeftMs), ports)
    // Asked of the timer and not of the clock, which may have been set back meanwhile.
    if (landing === 'ended') dropFlight(entry, flight)
    else if (landing !== null) land(entry, flight, { landing, ports })
    else if (leftMs <= flightLeftMs) account.withdraw(waiter)
    else land(entry, flight, { landing: late, ports })
    // Calls that come to nothing at once, as stale ones, may not go on until the time is over.
    if (led >= MAX_LED) account.withdraw(waiter)
  }
  return waiter
}

/** Renews in the background; nothing waits for it. */
export function renew(asked: Asked): void {
  lead(asked, { final: false })
}

/** Sees to it that some request gives back what lies idle. Call it once the answer is there: it defers for seconds. */
export function watchIdle(asked: Asked, now: number): void {
  const { watch } = asked.entry
  if (watch !== null) {
    const quietMs = now - watch.seenAt
    // A request that watched may have died; of one before the clock went back nothing is known.
    const isAlive = quietMs >= 0 && quietMs < 2 * IDLE_MS
    if (isAlive && now - watch.startedAt < WATCH_MS) return
  }
  const own = { startedAt: now, seenAt: now }
  asked.entry.watch = own
  asked.ports.defer(giveBackWhenIdle(asked, own))
}

async function giveBackWhenIdle(asked: Asked, own: Watch): Promise<void> {
  const { entry, ports } = asked
  for (let look = 0; look < WATCH_LOOKS; look += 1) {
    await ports.timers.after(IDLE_MS).done
    if (entry.watch !== own) return
    const now = ports.clock.now()
    own.seenAt = now
    if (!entry.account.hasSpare(now)) break
    if (flightOf(entry, now) !== null) continue
    const final = entry.account.isIdle(now)
    // Requests that another limit refuses ask for tokens and take none: nobody else would renew these.
    if (final || entry.account.endsWithin(2 * IDLE_MS, now)) lead(asked, { final })
    if (final) break
  }
  if (entry.watch === own) entry.watch = null
}

/** Calls the object for all who wait, under this request. */
function lead({ entry, claim, ports }: Asked, purpose: { readonly final: boolean }): Flight {
  const startedAt = ports.clock.now()
  const message = entry.account.draft(startedAt, purpose)
  const alarm = ports.timers.after(CALL_TIMEOUT_MS)
  const call = replyOf(() => ports.buckets.call(claim.place, claim.shape, message))
  const landing = Promise.race([call, alarm.done.then(() => late)])
  const flight = { seq: message.seq, startedAt, landing }
  entry.flight = flight
  ports.defer(
    landing.then((landed) => {
      alarm.cancel()
      land(entry, flight, { landing: landed, ports })
      continueWith({ entry, claim, ports })
    }),
  )
  return flight
}

/** Slots that came free during the call are wanted elsewhere: nobody else may come by to say so. */
function continueWith(asked: Asked): void {
  const { account } = asked.entry
  if (account instanceof Slots && account.wantsRelease(asked.ports.clock.now())) renew(asked)
}

/** A fault becomes a value, so that a rejection only ever tells that the request that led has ended. */
async function replyOf(call: () => Promise<BucketReply>): Promise<Landing> {
  try {
    return { kind: 'replied', reply: await call() }
  } catch {
    return failed
  }
}

/** Takes in what a call came to: once, by whichever request sees it first. */
function land(
  entry: AnyEntry,
  flight: Flight,
  { landing, ports }: { readonly landing: Landing; readonly ports: Ports },
): void {
  if (entry.flight !== flight) return
  entry.flight = null
  const { account } = entry
  // Given up before, as by a clock that went back.
  if (account.inFlight !== flight.seq) return
  const now = ports.clock.now()
  if (landing.kind === 'late') account.giveUp(now)
  else if (landing.kind === 'failed') account.fault(now)
  else takeIn(account, landing.reply, ports)
}

function takeIn(account: AnyEntry['account'], reply: BucketReply, ports: Ports): void {
  const now = ports.clock.now()
  if (reply.kind === 'overloaded') {
    const pauseMs = OVERLOAD_PAUSE_MS + Math.floor(OVERLOAD_SPREAD_MS * ports.randomness.fraction())
    account.overload(pauseMs, now)
  } else if (reply.kind === 'stale') account.drop()
  else if (account instanceof Slots) {
    if (reply.kind === 'slots') account.accept(reply, now)
    else account.fault(now)
  } else if (reply.kind === 'leased') account.accept(reply, now)
  else account.fault(now)
}

function dropFlight(entry: Entry<Asking>, flight: Flight): void {
  if (entry.flight !== flight) return
  entry.flight = null
  if (entry.account.inFlight === flight.seq) entry.account.drop()
}

/** The call in flight, unless it is too old to be waited for. */
function flightOf(entry: Entry<Asking>, now: number): Flight | null {
  const { flight, account } = entry
  if (flight === null) return null
  const ageMs = now - flight.startedAt
  if (account.inFlight === flight.seq && ageMs >= 0 && ageMs < CALL_TIMEOUT_MS) return flight
  entry.flight = null
  if (account.inFlight === flight.seq) account.giveUp(now)
  return null
}

/** What the call came to; null after so long; `ended` where the request that led it has ended. */
async function wait(
  flight: Flight,
  ms: number,
  { timers }: Ports,
): Promise<Landing | 'ended' | null> {
  const alarm = timers.after(ms)
  try {
    return await Promise.race([flight.landing, alarm.done.then(() => null)])
  } catch {
    return 'ended'
  } finally {
    alarm.cancel()
  }
}
