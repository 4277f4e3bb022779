import { expect, test } from 'vitest'
import type { LeaseReply } from '../messages.ts'
import type { Hold } from './asking.ts'
import { Pocket } from './pocket.ts'

const rate = { kind: 'rate', limit: 100, windowMs: 1_000, burst: 100 } as const
const ask = { final: false }

function reply(given: Partial<LeaseReply> = {}): LeaseReply {
  return {
    kind: 'leased',
    seq: 1,
    incarnation: 'one',
    at: 500,
    granted: 0,
    lease: 0,
    ttlMs: 5_000,
    waitMs: 0,
    all: 100,
    isolates: 1,
    resetMs: null,
    ...given,
  }
}

/** A pocket that asked at 0 and got so many tokens at 10. */
function filled(lease = 10, given: Partial<LeaseReply> = {}): Pocket {
  const pocket = new Pocket('iso')
  pocket.draft(0, ask)
  pocket.accept(reply({ lease, ...given }), 10)
  return pocket
}

const pocketHold = (mark: number): Hold => ({ from: 'pocket', mark })

/** Demand of so many tokens in the last millisecond. */
function wanting(pocket: Pocket, tokens: number, now: number): Pocket {
  pocket.meter.hit(tokens, now)
  return pocket
}

test('what is in the pocket is taken without asking', () => {
  const pocket = filled(2)
  expect(pocket.look(2, 10)).toBe('held')
  pocket.take(2)
  expect(pocket.look(1, 10)).toBe('missing')
  expect([pocket.tokens, pocket.unsettled]).toEqual([0, 2])
})

test('a lease ends by the time the call was sent, not by when the reply came', () => {
  const pocket = filled(2)
  expect(pocket.look(1, 4_999)).toBe('held')
  expect(pocket.look(1, 5_000)).toBe('missing')
})

test('a lease whose time was over when it came is never spent', () => {
  const pocket = new Pocket('iso')
  pocket.draft(0, ask)
  pocket.accept(reply({ lease: 5, ttlMs: 300 }), 300)
  expect(pocket.tokens).toBe(0)
})

test('calls are numbered, and acknowledge the last reply that was taken in', () => {
  const pocket = wanting(filled(), 10, 10)
  expect(pocket.draft(20, ask)).toMatchObject({ seq: 2, ack: 1, incarnation: 'one', hold: 10 })
  pocket.giveUp(1_020)
  expect(pocket.draft(1_020, ask)).toMatchObject({ seq: 3, ack: 1 })
})

test('a second call before the first has landed is a bug', () => {
  const pocket = new Pocket('iso')
  pocket.draft(0, ask)
  expect(() => pocket.draft(1, ask)).toThrow('in flight')
})

test('the reply to a call that was given up is never used', () => {
  const pocket = new Pocket('iso')
  const waiter = pocket.join(1)
  pocket.draft(0, ask)
  pocket.giveUp(1_000)
  expect(pocket.accept(reply({ granted: 1, lease: 9 }), 1_001)).toBe(false)
  expect([pocket.tokens, waiter.state]).toEqual([0, 'waiting'])
  expect(pocket.draft(1_002, ask)).toMatchObject({ seq: 2, ack: 0, need: [1] })
  expect(pocket.accept(reply({ seq: 1, lease: 9 }), 1_003)).toBe(false)
})

test('the longest prefix of those who wait is granted by the object, the next from the lease, the rest refused', () => {
  const pocket = new Pocket('iso')
  const waiters = [2, 3, 4].map((cost) => pocket.join(cost))
  expect(pocket.draft(0, ask).need).toEqual([2, 3, 4])
  pocket.accept(reply({ granted: 2, waitMs: 40, at: 77 }), 10)
  expect(waiters.map(({ state }) => state)).toEqual(['held', 'held', 'refused'])
  expect(waiters[0]?.hold).toEqual({ from: 'object', incarnation: 'one', at: 77 })
})

test('one who came during the call is served from its lease', () => {
  const pocket = new Pocket('iso')
  pocket.draft(0, ask)
  const late = pocket.join(3)
  pocket.accept(reply({ lease: 4 }), 10)
  expect([late.state, late.hold?.from, pocket.tokens]).toEqual(['held', 'pocket', 1])
})

test('one who came during the call and finds nothing is asked for by the next', () => {
  const pocket = new Pocket('iso')
  pocket.draft(0, ask)
  const late = pocket.join(3)
  pocket.accept(reply(), 10)
  expect([late.state, pocket.hasWaiting]).toEqual(['waiting', true])
  expect(pocket.draft(11, ask).need).toEqual([3])
})

test('a refusal is remembered until the time that the object gave, counted from its receipt', () => {
  const pocket = new Pocket('iso')
  pocket.join(1)
  pocket.draft(0, ask)
  pocket.accept(reply({ waitMs: 40 }), 10)
  expect(pocket.look(1, 49)).toBe('refused')
  expect(pocket.retryAfterMs(1, rate, 20)).toBe(30)
  expect(pocket.look(1, 50)).toBe('missing')
})

test('a refusal of a large cost is none of a smaller one', () => {
  const pocket = new Pocket('iso')
  pocket.join(50)
  pocket.draft(0, ask)
  pocket.accept(reply({ waitMs: 400 }), 10)
  expect(pocket.look(50, 20)).toBe('refused')
  expect(pocket.look(49, 20)).toBe('missing')
})

test('a cost above the refused one waits for its own tokens as well', () => {
  const pocket = new Pocket('iso')
  pocket.join(1)
  pocket.draft(0, ask)
  pocket.accept(reply({ waitMs: 10 }), 0)
  // Ten tokens more at 100 a second.
  expect(pocket.retryAfterMs(11, rate, 0)).toBe(110)
})

test('a long refusal is asked about again after fifteen seconds, and told in full', () => {
  const pocket = new Pocket('iso')
  pocket.join(1)
  pocket.draft(0, ask)
  pocket.accept(reply({ waitMs: 3_600_000, resetMs: 3_600_000 }), 0)
  expect(pocket.retryAfterMs(1, rate, 1_000)).toBe(3_599_000)
  expect(pocket.look(1, 14_999)).toBe('refused')
  expect(pocket.look(1, 15_000)).toBe('missing')
})

test('a refusal that an operator made void is forgotten', () => {
  const pocket = new Pocket('iso')
  pocket.join(1)
  pocket.draft(0, ask)
  pocket.accept(reply({ waitMs: 5_000 }), 0)
  pocket.forgetRefusal()
  expect(pocket.look(1, 1)).toBe('missing')
})

test('what was taken and does not count returns to the pocket', () => {
  const pocket = filled(5)
  pocket.refund(3, pocketHold(pocket.take(3)))
  expect([pocket.tokens, pocket.unsettled]).toEqual([5, 0])
})

test('what is settled is no longer told as held', () => {
  const pocket = wanting(filled(5), 10, 10)
  const hold = pocketHold(pocket.take(3))
  expect(pocket.draft(20, ask).hold).toBe(5)
  pocket.drop()
  pocket.settle(3, hold)
  expect(pocket.draft(30, ask).hold).toBe(2)
})

test('a token that was held for more than two seconds of calls counts as spent', () => {
  const pocket = filled(5)
  const hold = pocketHold(pocket.take(3))
  for (const [seq, now] of [
    [2, 1_000],
    [3, 2_000],
  ] as const) {
    pocket.draft(now, ask)
    pocket.accept(reply({ seq }), now)
  }
  expect(pocket.unsettled).toBe(0)
  const { tokens } = pocket
  pocket.refund(3, hold)
  expect(pocket.tokens).toBe(tokens)
})

test('a refund into a pocket that has ended is lost', () => {
  const pocket = filled(5)
  const hold = pocketHold(pocket.take(3))
  expect(pocket.draft(5_000, ask)).toMatchObject({ hold: 0, back: 2 })
  pocket.refund(3, hold)
  expect(pocket.tokens).toBe(0)
})

test('tokens that ended while a call was on its way are not brought back by its reply', () => {
  const pocket = filled(5)
  pocket.draft(4_900, ask)
  pocket.accept(reply({ seq: 2, lease: 2 }), 5_001)
  expect(pocket.tokens).toBe(2)
})

test('direct tokens that were not used are told with the next call, once, with the earliest of their times', () => {
  const pocket = filled()
  pocket.refund(2, { from: 'object', incarnation: 'one', at: 70 })
  pocket.refund(1, { from: 'object', incarnation: 'one', at: 60 })
  expect(pocket.draft(20, ask)).toMatchObject({ refund: 3, refundAt: 60 })
  pocket.giveUp(1_020)
  // Said twice it could be credited twice.
  expect(pocket.draft(1_020, ask).refund).toBe(0)
})

test('a refund to the object makes a remembered refusal void', () => {
  const pocket = filled(0, { waitMs: 500 })
  expect(pocket.look(1, 20)).toBe('refused')
  pocket.refund(1, { from: 'object', incarnation: 'one', at: 70 })
  expect(pocket.look(1, 20)).toBe('missing')
})

test('a direct token of an earlier life of the object is not told to the new one', () => {
  const pocket = filled()
  pocket.refund(2, { from: 'object', incarnation: 'none', at: 70 })
  expect(pocket.draft(20, ask).refund).toBe(0)
})

test('what is granted to a request that waits no longer is refunded', () => {
  const pocket = new Pocket('iso')
  const waiter = pocket.join(4)
  pocket.draft(0, ask)
  pocket.withdraw(waiter)
  pocket.accept(reply({ granted: 1, at: 77 }), 10)
  expect(waiter.state).toBe('withdrawn')
  expect(pocket.draft(20, ask)).toMatchObject({ refund: 4, refundAt: 77 })
})

test('a refund that is not told of yet is a reason to call once nobody asks any more', () => {
  const pocket = new Pocket('iso')
  const waiter = pocket.join(4)
  pocket.draft(0, ask)
  pocket.accept(reply({ granted: 1, at: 77 }), 10)
  expect(pocket.hasSpare(10)).toBe(false)
  pocket.refund(4, waiter.hold ?? { from: 'pocket', mark: 0 })
  expect(pocket.hasSpare(10)).toBe(true)
  expect(pocket.isIdle(5_000)).toBe(true)
  expect(pocket.draft(5_000, { final: true })).toMatchObject({ refund: 4, refundAt: 77 })
  expect(pocket.hasSpare(5_000)).toBe(false)
})

test('what is wanted in the background is the demand of two seconds, without what is there', () => {
  const pocket = wanting(filled(10), 100, 10)
  // 100 in the last second: 200 within the horizon.
  expect(pocket.draft(10, ask)).toMatchObject({ want: 190, rate: 0.1, back: 0, hold: 10 })
})

test('a pocket with too little for a request that waits goes back whole, so that the object can join both parts', () => {
  const pocket = wanting(filled(2), 100, 10)
  pocket.join(3)
  expect(pocket.draft(10, ask)).toMatchObject({ back: 2, pocket: 0, hold: 0, need: [3], want: 197 })
})

test('a single request wants no lease beside what it needs, whatever it costs', () => {
  const pocket = wanting(new Pocket('iso'), 1, 0)
  pocket.join(1)
  expect(pocket.draft(0, ask).want).toBe(0)
  const costly = wanting(new Pocket('iso'), 10, 0)
  costly.join(10)
  expect(costly.draft(0, ask).want).toBe(0)
})

test('a pocket that holds far more than is used gives the surplus back', () => {
  const pocket = wanting(filled(100), 10, 10)
  expect(pocket.draft(10, ask)).toMatchObject({ back: 80, pocket: 20, hold: 20 })
})

test('what was given back is told in sum, until the object begins anew', () => {
  const pocket = filled(10)
  expect(pocket.draft(20, { final: true })).toMatchObject({ back: 10, want: 0, final: true })
  pocket.accept(reply({ seq: 2, lease: 4 }), 30)
  expect(pocket.draft(40, { final: true }).back).toBe(14)
  pocket.accept(reply({ seq: 3, incarnation: 'two', lease: 3 }), 50)
  expect(pocket.draft(60, { final: true })).toMatchObject({ back: 3, incarnation: 'two' })
})

test('a debt is told until a reply came, and not again', () => {
  const pocket = filled(2)
  pocket.overdraw(5, 10)
  expect(pocket.draft(20, ask)).toMatchObject({ overdrawn: 3, hold: 0 })
  pocket.giveUp(1_020)
  expect(pocket.draft(1_020, ask).overdrawn).toBe(3)
  pocket.accept(reply({ seq: 3 }), 1_030)
  expect(pocket.draft(1_040, ask).overdrawn).toBe(0)
})

test('a clock that goes back forfeits the pocket, and the call that is out', () => {
  const pocket = filled(5)
  pocket.draft(100, ask)
  expect(pocket.look(1, 99)).toBe('missing')
  expect([pocket.tokens, pocket.inFlight]).toEqual([0, null])
})

test('an overloaded object refuses everyone for a while, whatever the cost', () => {
  const pocket = new Pocket('iso')
  const waiter = pocket.join(1)
  pocket.draft(0, ask)
  pocket.overload(150, 10)
  expect([waiter.state, pocket.isOverloaded]).toEqual(['refused', true])
  expect(pocket.look(1, 159)).toBe('refused')
  expect(pocket.retryAfterMs(50, rate, 60)).toBe(100)
  expect(pocket.look(1, 160)).toBe('missing')
})

test('a store that failed is not waited for by others for half a second, nor while one tries it again', () => {
  const pocket = new Pocket('iso')
  const waiter = pocket.join(1)
  pocket.draft(0, ask)
  pocket.fault(10)
  expect([waiter.state, pocket.isFailing(509), pocket.isFailing(510)]).toEqual([
    'faulted',
    true,
    false,
  ])
  pocket.draft(510, ask)
  expect(pocket.isFailing(511)).toBe(true)
  pocket.accept(reply({ seq: 2 }), 512)
  expect(pocket.isFailing(512)).toBe(false)
})

test('a lease is renewed when it runs dry before an answer could come back', () => {
  // Round trip 10 ms and 20 ms of slack, at 0.1 tokens a millisecond: 3 tokens.
  const pocket = wanting(filled(4), 100, 10)
  expect(pocket.wantsRenewal(10, 1)).toBe(false)
  pocket.take(1)
  expect(pocket.wantsRenewal(10, 1)).toBe(true)
  expect(pocket.wantsRenewal(10, 0.5)).toBe(false)
})

test('a lease is renewed before it ends, while requests come', () => {
  const pocket = filled(100)
  wanting(pocket, 3, 4_480)
  expect([pocket.wantsRenewal(4_400, 1), pocket.wantsRenewal(4_480, 1)]).toEqual([false, true])
})

test('nothing is renewed that is used less than twice in two seconds, or that is not leased', () => {
  expect(wanting(filled(1), 0.5, 10).wantsRenewal(10, 1)).toBe(false)
  expect(wanting(filled(0), 100, 10).wantsRenewal(10, 1)).toBe(false)
})

test('a pocket is idle when nobody asked for a second', () => {
  const pocket = wanting(filled(5), 1, 100)
  expect([pocket.isIdle(1_099), pocket.isIdle(1_100)]).toEqual([false, true])
})

test('what can still be had is what the object said, less what was taken here since', () => {
  const pocket = filled(10, { all: 60 })
  pocket.take(4)
  expect(pocket.remaining(20)).toBe(56)
})

test('what was taken but not settled when the object was asked counts as taken', () => {
  const pocket = filled(10, { all: 60 })
  pocket.take(4)
  pocket.draft(20, ask)
  pocket.take(1)
  pocket.accept(reply({ seq: 2, all: 60 }), 30)
  expect(pocket.remaining(30)).toBe(55)
})

test('the pocket is the least that can be had', () => {
  const pocket = filled(10, { all: 0 })
  expect(pocket.remaining(20)).toBe(10)
})

test('when nothing can be had, it tells when one token is there at the latest', () => {
  const pocket = filled(0, { all: 0 })
  expect(pocket.resetMs(rate, 20)).toBe(10)
  expect(filled(0, { all: 0, waitMs: 40 }).resetMs(rate, 20)).toBe(30)
  expect(filled(1, { all: 0 }).resetMs(rate, 20)).toBe(null)
})

test('the time until more can be had is that until a debt is paid, which is a full bucket at most', () => {
  const pocket = filled(0, { all: 10 })
  pocket.overdraw(14, 20)
  expect(pocket.resetMs(rate, 20)).toBe(50)
  pocket.overdraw(1_000, 20)
  expect(pocket.resetMs(rate, 20)).toBe(1_010)
})

test('what is given back can be had again, before the object hears of it', () => {
  const pocket = filled(0, { all: 0 })
  pocket.refund(7, { from: 'object', incarnation: 'one', at: 500 })
  expect([pocket.remaining(20), pocket.resetMs(rate, 20)]).toEqual([7, null])
})

test('of a quota nothing can be had before its period ends', () => {
  const quota = { kind: 'quota', limit: 5, period: { per: 'hour' } } as const
  expect(filled(0, { all: 0, resetMs: 60_000 }).resetMs(quota, 20)).toBe(59_990)
})
