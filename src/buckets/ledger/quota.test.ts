import { describe, expect, test } from 'vitest'
import { leaseCall } from '../../../test/doubles/lease-call.ts'
import type { LeaseCall } from '../messages.ts'
import type { QuotaShape } from '../shape.ts'
import { LeaseLedger } from './lease-ledger.ts'
import type { LeaseLine } from './lines.ts'

const HOUR = 3_600_000
const hourly: QuotaShape = { kind: 'quota', limit: 1_000, period: { per: 'hour' } }

function openQuota(shape = hourly, now = 0, line: LeaseLine | null = null, incarnation = 'x') {
  const ledger = new LeaseLedger({ shape, line, now, incarnation })
  const ask = (at: number, message: Partial<LeaseCall>) => {
    const reply = ledger.call(leaseCall({ incarnation: ledger.incarnation, ...message }), at)
    if (reply.kind !== 'leased') throw new Error('stale')
    return reply
  }
  return { ledger, ask, tokens: (at: number) => ledger.look(at).available }
}

describe('a period', () => {
  test('gives its limit, and nothing comes back before its end', () => {
    const { ask } = openQuota()
    expect(ask(5_000, { need: [400, 600] })).toMatchObject({ granted: 2, resetMs: HOUR - 5_000 })
    expect(ask(HOUR - 1, { seq: 2, ack: 1, need: [1] })).toMatchObject({ granted: 0, waitMs: 1 })
    expect(ask(HOUR, { seq: 3, ack: 2, need: [1_000, 1] })).toMatchObject({
      granted: 1,
      waitMs: HOUR,
      resetMs: HOUR,
    })
  })

  test('is shown with its end', () => {
    const { ledger, ask } = openQuota()
    ask(0, { need: [100], want: 60 })
    expect(ledger.look(10)).toEqual({
      shape: 'quota',
      limit: 1_000,
      available: 840,
      outstanding: 60,
      isolates: 1,
      resetsAt: HOUR,
    })
  })

  test('is not refilled by a lease that was lost', () => {
    const { ask, tokens } = openQuota()
    ask(0, { want: 60 })
    expect(tokens(60_000)).toBe(940)
  })

  test('takes back what is given back, refunded or never arrived', () => {
    const { ask, tokens } = openQuota()
    const { at } = ask(0, { need: [100], want: 60 })
    ask(10, { seq: 2, ack: 1, hold: 20, back: 40, refund: 100, refundAt: at })
    expect(tokens(10)).toBe(980)
    ask(20, { seq: 3, ack: 2, need: [500] })
    ask(30, { seq: 4, ack: 2 })
    expect(tokens(30)).toBe(980)
  })
})

describe('the end of a period', () => {
  test('no lease lives longer', () => {
    const { ask } = openQuota()
    expect(ask(HOUR - 3_000, { want: 9 })).toMatchObject({ lease: 9, ttlMs: 2_990 })
    expect(ask(HOUR - 5, { seq: 2, ack: 1, hold: 9, want: 9 })).toMatchObject({
      lease: 0,
      ttlMs: 0,
    })
  })

  test('what was given in it does not come back into the next', () => {
    const { ledger, ask, tokens } = openQuota()
    const { at, incarnation } = ask(HOUR - 100, { need: [300], want: 200 })
    ask(HOUR, {
      isolate: 'b',
      need: [700],
    })
    ask(HOUR, { seq: 2, ack: 0, incarnation, back: 200, refund: 300, refundAt: at })
    expect(tokens(HOUR)).toBe(300)
    expect(ledger.incarnation).not.toBe(incarnation)
  })

  test('what an isolate still says to hold of it is not held in the next', () => {
    const { ledger, ask } = openQuota()
    const { incarnation } = ask(HOUR - 100, { want: 200 })
    ask(HOUR, { seq: 2, ack: 1, incarnation, hold: 200 })
    expect(ledger.look(HOUR)).toMatchObject({ available: 1_000, outstanding: 0 })
  })

  test('a debt ends with it', () => {
    const { ask, tokens } = openQuota()
    ask(0, { overdrawn: 1_700 })
    expect(ask(10, { seq: 2, ack: 1, need: [1] }).waitMs).toBe(HOUR - 10)
    expect(tokens(HOUR - 1)).toBe(0)
    expect(tokens(HOUR)).toBe(1_000)
  })
})

describe('a restart', () => {
  test('forgets nothing that was spent', () => {
    const first = openQuota()
    first.ask(0, { need: [300] })
    first.ask(10, { seq: 2, ack: 1, need: [200], want: 60 })
    const again = openQuota(hourly, 50_000, first.ledger.takeLine(), 'y')
    expect(again.tokens(50_000)).toBe(440)
    expect(again.tokens(HOUR)).toBe(1_000)
  })

  test('after the end of the period begins anew', () => {
    const first = openQuota()
    first.ask(0, { need: [1_000] })
    const again = openQuota(hourly, 3 * HOUR, first.ledger.takeLine(), 'y')
    expect(again.ask(3 * HOUR, { need: [1_000] }).granted).toBe(1)
  })

  test('with a clock that went back does not open a period again that was spent', () => {
    const first = openQuota(hourly, 5 * HOUR)
    first.ask(5 * HOUR, { need: [1_000] })
    const again = openQuota(hourly, 4 * HOUR, first.ledger.takeLine(), 'y')
    expect(again.ask(4 * HOUR, { need: [1] })).toMatchObject({ granted: 0, waitMs: 2 * HOUR })
    expect(again.tokens(5 * HOUR)).toBe(0)
    expect(again.tokens(6 * HOUR)).toBe(1_000)
  })

  test('takes over a holder without counting its tokens twice', () => {
    const first = openQuota()
    const { incarnation } = first.ask(0, { want: 60 })
    const again = openQuota(hourly, 100, first.ledger.takeLine(), 'y')
    again.ask(100, { seq: 2, ack: 1, incarnation, hold: 50 })
    expect(again.ledger.look(100)).toMatchObject({ available: 940, outstanding: 50 })
    again.ask(200, { seq: 3, ack: 2, hold: 10, back: 40 })
    expect(again.tokens(200)).toBe(980)
  })

  test('keeps what was given back once nobody called for a while', () => {
    const first = openQuota()
    first.ask(0, { want: 60 })
    first.ledger.takeLine()
    first.ask(10, { seq: 2, ack: 1, back: 60 })
    expect(first.ledger.takeLine()).toBeNull()
    expect(first.ledger.isAhead).toBe(true)
    first.ledger.tidy(2_010)
    const again = openQuota(hourly, 3_000, first.ledger.takeLine(), 'y')
    expect(again.tokens(3_000)).toBe(1_000)
  })
})

test('while the clock is behind the period, it stays spent', () => {
  const { ledger, ask, tokens } = openQuota(hourly, 5 * HOUR)
  ask(5 * HOUR, { need: [1_000] })
  ledger.shift(-HOUR)
  expect(tokens(4 * HOUR)).toBe(0)
  expect(tokens(5 * HOUR)).toBe(0)
  expect(tokens(6 * HOUR)).toBe(1_000)
})

test('another limit leaves used what was used', () => {
  const { ledger, ask, tokens } = openQuota()
  ask(0, { need: [400], want: 60 })
  ledger.shapeTo({ ...hourly, limit: 500 }, 10)
  expect(tokens(10)).toBe(40)
  ledger.shapeTo({ ...hourly, limit: 100 }, 10)
  expect(tokens(10)).toBe(0)
  expect(ask(10, { seq: 2, ack: 1, hold: 60, need: [1] }).granted).toBe(0)
  ledger.shapeTo({ ...hourly, limit: 2_000 }, 10)
  expect(tokens(10)).toBe(1_540)
})

test('another period leaves used what was used', () => {
  const { ledger, ask, tokens } = openQuota()
  ask(0, { need: [400] })
  ledger.shapeTo({ kind: 'quota', limit: 1_000, period: { per: 'day' } }, 10)
  expect(tokens(HOUR)).toBe(600)
  expect(ledger.look(HOUR).resetsAt).toBe(24 * HOUR)
})

test('an operator gives the period anew, but for what is leased', () => {
  const { ledger, ask, tokens } = openQuota()
  ask(0, { need: [400], want: 60 })
  ledger.change({ kind: 'top-up', tokens: 100 }, 10)
  expect(tokens(10)).toBe(640)
  ledger.change({ kind: 'reset' }, 10)
  expect(tokens(10)).toBe(940)
})

test('it rests when its period is over', () => {
  const { ledger, ask } = openQuota()
  ask(0, { need: [400] })
  expect(ledger.restsAt(10)).toBe(HOUR)
  expect(ledger.rests(HOUR - 1)).toBe(false)
  expect(ledger.rests(HOUR)).toBe(true)
})
