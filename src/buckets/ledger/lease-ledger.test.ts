import { describe, expect, test } from 'vitest'
import { leaseCall } from '../../../test/doubles/lease-call.ts'
import type { LeaseCall, LeaseReply } from '../messages.ts'
import type { RateShape } from '../shape.ts'
import { LeaseLedger } from './lease-ledger.ts'

const shape: RateShape = { kind: 'rate', limit: 100, windowMs: 1_000, burst: 100 }
const small: RateShape = { kind: 'rate', limit: 10, windowMs: 1_000, burst: 20 }

function openFresh(of: RateShape = shape) {
  const ledger = new LeaseLedger({ shape: of, line: null, now: 0, incarnation: 'x' })
  const ask = (now: number, message: Partial<LeaseCall>) => {
    const reply = ledger.call(leaseCall({ incarnation: 'x', ...message }), now)
    if (reply.kind !== 'leased') throw new Error('stale')
    return reply
  }
  return { ledger, ask, tokens: (now: number) => ledger.look(now).available }
}

describe('one call', () => {
  test('a new bucket is full, and ten a second with a burst of twenty is counted one by one', () => {
    const { ask } = openFresh(small)
    expect(ask(0, { need: Array.from({ length: 21 }, () => 1) })).toEqual<LeaseReply>({
      kind: 'leased',
      seq: 1,
      incarnation: 'x',
      at: 0,
      granted: 20,
      lease: 0,
      ttlMs: 5_000,
      waitMs: 100,
      all: 0,
      isolates: 1,
      resetMs: null,
    })
    expect(ask(99, { seq: 2, ack: 1, need: [1] })).toMatchObject({ granted: 0, waitMs: 5 })
    expect(ask(100, { seq: 3, ack: 2, need: [1, 1] })).toMatchObject({ granted: 1, waitMs: 100 })
  })

  test('what is leased is debited and outstanding', () => {
    const { ledger, ask } = openFresh()
    expect(ask(0, { need: [2, 3], want: 40 })).toMatchObject({ granted: 2, lease: 40, all: 95 })
    expect(ledger.look(0)).toEqual({
      shape: 'rate',
      limit: 100,
      available: 55,
      outstanding: 40,
      isolates: 1,
      resetsAt: null,
    })
  })

  test('an older call than the last one seen is stale and does nothing', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { seq: 2, need: [1] })
    expect(ledger.call(leaseCall({ seq: 2, need: [1] }), 0)).toEqual({ kind: 'stale' })
    expect(ledger.call(leaseCall({ seq: 1, need: [1] }), 0)).toEqual({ kind: 'stale' })
    expect(tokens(0)).toBe(99)
  })

  test('several isolates share, and each has an account of its own', () => {
    const { ask } = openFresh()
    expect(ask(0, { isolate: 'a', want: 90 })).toMatchObject({ lease: 50, isolates: 1 })
    expect(ask(0, { isolate: 'b', want: 90 })).toMatchObject({ lease: 25, isolates: 2 })
    expect(ask(2_300, { isolate: 'c', want: 90 }).isolates).toBe(1)
  })
})

describe('the cap rule', () => {
  test('a leased token still takes its room in the bucket', () => {
    const { ask, tokens } = openFresh()
    ask(0, { want: 50 })
    expect(tokens(4_000)).toBe(50)
  })

  test('spent tokens make room, as soon as the isolate says so', () => {
    const { ask, tokens } = openFresh()
    ask(0, { want: 50 })
    ask(1_000, { seq: 2, ack: 1, hold: 20, pocket: 20 })
    expect(tokens(1_000)).toBe(50)
    expect(tokens(1_100)).toBe(60)
    expect(tokens(3_000)).toBe(80)
  })

  test('a lease that nobody renews is lost after its life and a grace, and only its room comes back', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { want: 50 })
    expect(tokens(5_999)).toBe(50)
    expect(ledger.look(5_999).outstanding).toBe(50)
    expect(tokens(6_000)).toBe(50)
    expect(ledger.look(6_000)).toMatchObject({ outstanding: 0, isolates: 0 })
    expect(tokens(6_100)).toBe(60)
  })

  test('several ends between two calls are settled each at its time', () => {
    const { ask, tokens } = openFresh()
    ask(0, { isolate: 'a', want: 30 })
    ask(100, { isolate: 'b', want: 30 })
    // 45 are left until the lease of the first ends at 6,000; then 75 fit, and from 6,100 on all.
    expect(tokens(6_050)).toBe(50)
    expect(tokens(6_100)).toBe(55)
    expect(tokens(6_400)).toBe(85)
  })
})

describe('what comes back', () => {
  test('tokens given back are counted once, however often they are said', () => {
    const { ask, tokens } = openFresh()
    ask(0, { want: 50 })
    ask(0, { seq: 2, ack: 1, hold: 30, pocket: 30, back: 20 })
    expect(tokens(0)).toBe(70)
    ask(0, { seq: 3, ack: 2, hold: 30, pocket: 30, back: 20 })
    expect(tokens(0)).toBe(70)
  })

  test('nobody gives back more than it holds', () => {
    const { ask, tokens } = openFresh()
    ask(0, { need: [60], want: 10 })
    ask(0, { seq: 2, ack: 1, back: 1_000 })
    expect(tokens(0)).toBe(40)
  })

  test('a grant whose reply never arrived is taken back by the next call', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { need: [30], want: 20 })
    ask(0, { seq: 2, ack: 0 })
    expect(tokens(0)).toBe(100)
    expect(ledger.look(0).outstanding).toBe(0)
  })

  test('a grant whose reply arrived stays', () => {
    const { ask, tokens } = openFresh()
    ask(0, { need: [30], want: 20 })
    ask(0, { seq: 2, ack: 1, hold: 20, pocket: 20 })
    expect(tokens(0)).toBe(50)
  })

  test('a reply that never arrived does not fill a bucket that was full since', () => {
    const { ask } = openFresh(small)
    ask(0, { need: [1] })
    ask(1_000, { isolate: 'b', need: [20] })
    // The ideal bucket, had the first token not been spent, would have spilled it by now.
    expect(ask(1_000, { seq: 2, ack: 0, need: [1] }).granted).toBe(0)
  })

  test('a refund counts while the bucket had room for it all the time', () => {
    const { ask, tokens } = openFresh(small)
    const { at } = ask(0, { need: [20] })
    ask(500, { seq: 2, ack: 1, refund: 20, refundAt: at })
    expect(tokens(500)).toBe(20)
  })

  test('a refund into a bucket that was full since is lost', () => {
    const { ask } = openFresh(small)
    const { at } = ask(0, { need: [1] })
    ask(200, { isolate: 'b', need: [20] })
    expect(ask(200, { seq: 2, ack: 1, refund: 1, refundAt: at, need: [1] }).granted).toBe(0)
  })

  test('what another life of the object gave is not taken back', () => {
    const { ask, tokens } = openFresh()
    ask(0, { need: [50] })
    ask(0, { isolate: 'b', incarnation: 'old', seq: 9, ack: 9, back: 30, refund: 30 })
    expect(tokens(0)).toBe(50)
  })
})

describe('debt', () => {
  test('what was used beyond the reserve is owed, and nobody is admitted until it is paid', () => {
    const { ask } = openFresh(small)
    ask(0, { overdrawn: 30 })
    expect(ask(0, { isolate: 'b', need: [1] })).toMatchObject({ granted: 0, waitMs: 1_100, all: 0 })
    expect(ask(1_099, { isolate: 'b', seq: 2, ack: 1, need: [1] }).granted).toBe(0)
    expect(ask(1_100, { isolate: 'b', seq: 3, ack: 2, need: [1] }).granted).toBe(1)
  })

  test('a call that repeats one without a reply is charged for what is new only', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { overdrawn: 5 })
    ask(0, { seq: 2, ack: 0, overdrawn: 8 })
    expect(tokens(0)).toBe(92)
    ask(0, { seq: 3, ack: 0, overdrawn: 8 })
    expect(tokens(0)).toBe(92)
    ask(0, { seq: 4, ack: 3, overdrawn: 2 })
    expect(tokens(0)).toBe(90)
    expect(ledger.call(leaseCall({ seq: 4, overdrawn: 2 }), 0)).toEqual({ kind: 'stale' })
  })

  test('it is one full bucket at most', () => {
    const { ask } = openFresh(small)
    ask(0, { overdrawn: 1_000_000 })
    expect(ask(0, { seq: 2, ack: 1, need: [1] }).waitMs).toBe(2_100)
  })
})

describe('another table', () => {
  test('tokens stay, as far as they fit', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { need: [40] })
    ledger.shapeTo({ kind: 'rate', limit: 6_000, windowMs: 60_000, burst: 200 }, 0)
    expect(tokens(0)).toBe(60)
    ledger.shapeTo({ kind: 'rate', limit: 5, windowMs: 60_000, burst: 5 }, 0)
    expect(tokens(0)).toBe(5)
    ledger.shapeTo(shape, 0)
    expect(tokens(0)).toBe(5)
  })

  test('what is leased takes its room in the new bucket too', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { want: 50 })
    ledger.shapeTo({ kind: 'rate', limit: 100, windowMs: 1_000, burst: 60 }, 0)
    expect(tokens(0)).toBe(10)
    expect(tokens(1_000)).toBe(10)
  })

  test('two isolates with two tables get no more together than the larger one gives', () => {
    const { ledger, ask } = openFresh(small)
    const larger: RateShape = { kind: 'rate', limit: 20, windowMs: 1_000, burst: 40 }
    ledger.shapeTo(larger, 0)
    let admitted = 0
    for (let call = 1; call <= 1_000; call++) {
      const isLarger = call % 2 === 1
      ledger.shapeTo(isLarger ? larger : small, call * 5)
      const isolate = isLarger ? 'a' : 'b'
      const seq = Math.ceil(call / 2)
      admitted += ask(call * 5, { isolate, seq, ack: seq - 1, need: [1] }).granted
    }
    expect(admitted).toBeLessThanOrEqual(40 + 5 * 20)
    expect(admitted).toBeGreaterThanOrEqual(20 + 5 * 10)
  })
})

describe('an operator', () => {
  test('fills the bucket, but for the room of what is leased', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { need: [60], want: 20 })
    ledger.change({ kind: 'reset' }, 0)
    expect(tokens(0)).toBe(80)
  })

  test('adds tokens, up to a full bucket', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { need: [60] })
    ledger.change({ kind: 'top-up', tokens: 15 }, 0)
    expect(tokens(0)).toBe(55)
    ledger.change({ kind: 'top-up', tokens: 1_000 }, 0)
    expect(tokens(0)).toBe(100)
  })

  test('frees a consumer of its debt', () => {
    const { ledger, ask, tokens } = openFresh()
    ask(0, { overdrawn: 150 })
    ledger.change({ kind: 'reset' }, 0)
    expect(tokens(0)).toBe(100)
  })
})

test('a call that only gives back gets nothing', () => {
  const { ask } = openFresh()
  ask(0, { want: 50 })
  expect(ask(0, { seq: 2, ack: 1, back: 50, final: true, need: [1], want: 9 })).toMatchObject({
    granted: 0,
    lease: 0,
    waitMs: 0,
    all: 100,
  })
})

test('a clock that was set back keeps the tokens and the lives of leases', () => {
  const { ledger, ask, tokens } = openFresh()
  ask(100_000, { need: [50], want: 20 })
  ledger.shift(-90_000)
  expect(tokens(10_000)).toBe(30)
  expect(tokens(10_100)).toBe(40)
  expect(ledger.look(15_999).outstanding).toBe(20)
  expect(ledger.look(16_000).outstanding).toBe(0)
})
