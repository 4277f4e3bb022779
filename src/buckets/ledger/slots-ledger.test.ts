import { describe, expect, test } from 'vitest'
import { slotsCall } from '../../../test/doubles/lease-call.ts'
import type { SlotsCall } from '../messages.ts'
import type { SlotsLine } from './lines.ts'
import { SlotsLedger } from './slots-ledger.ts'

function openSlots(limit: number, line: SlotsLine | null = null, now = 0) {
  const ledger = new SlotsLedger({ shape: { kind: 'slots', limit }, line, now })
  const ask = (at: number, message: Partial<SlotsCall>) => {
    const reply = ledger.call(slotsCall(message), at)
    if (reply.kind !== 'slots') throw new Error('stale')
    return reply
  }
  return { ledger, ask }
}

describe('slots', () => {
  test('are given to the limit, over all isolates', () => {
    const { ask } = openSlots(5)
    expect(ask(0, { isolate: 'a', need: 3 })).toEqual({
      kind: 'slots',
      seq: 1,
      held: 3,
      ttlMs: 10_000,
      waitMs: 0,
      taken: 3,
    })
    expect(ask(0, { isolate: 'b', need: 3 })).toMatchObject({ held: 2, waitMs: 100, taken: 5 })
    expect(ask(0, { isolate: 'c', need: 1 })).toMatchObject({ held: 0, taken: 5 })
  })

  test('are free again as soon as the isolate says that it uses fewer', () => {
    const { ask } = openSlots(5)
    ask(0, { isolate: 'a', need: 5 })
    ask(10, { isolate: 'a', seq: 2, using: 2 })
    expect(ask(20, { isolate: 'b', need: 4 })).toMatchObject({ held: 3, taken: 5 })
  })

  test('of an isolate that died are free after their life and a grace', () => {
    const { ask } = openSlots(5)
    ask(0, { isolate: 'a', need: 5 })
    expect(ask(10_999, { isolate: 'b', need: 1 }).held).toBe(0)
    expect(ask(11_000, { isolate: 'b', seq: 2, need: 5 }).held).toBe(5)
  })

  test('are held on by each call', () => {
    const { ask } = openSlots(5)
    ask(0, { isolate: 'a', need: 5 })
    ask(6_000, { isolate: 'a', seq: 2, using: 5 })
    expect(ask(16_999, { isolate: 'b', need: 1 }).held).toBe(0)
    expect(ask(17_000, { isolate: 'b', seq: 2, need: 1 }).held).toBe(1)
  })

  test('are not given by an older call than the last one seen', () => {
    const { ledger, ask } = openSlots(5)
    ask(0, { seq: 2, need: 1 })
    expect(ledger.call(slotsCall({ seq: 2, need: 4 }), 0)).toEqual({ kind: 'stale' })
    expect(ledger.look(0).outstanding).toBe(1)
  })

  test('of a reply that never arrived are given up by the next call', () => {
    const { ledger, ask } = openSlots(5)
    ask(0, { need: 5 })
    ask(10, { seq: 2, using: 0, need: 1 })
    expect(ledger.look(10)).toEqual({
      shape: 'slots',
      limit: 5,
      available: 4,
      outstanding: 1,
      isolates: 1,
      resetsAt: null,
    })
  })
})

describe('blocks', () => {
  test('go to an isolate that wants them where there are eight slots for each', () => {
    const { ask } = openSlots(160)
    expect(ask(0, { isolate: 'a', need: 1, want: 50 }).held).toBe(21)
    expect(ask(0, { isolate: 'b', need: 1, want: 50 }).held).toBe(11)
  })

  test('do not where there are fewer', () => {
    const { ask } = openSlots(15)
    expect(ask(0, { isolate: 'a', need: 1, want: 50 }).held).toBe(2)
    expect(ask(0, { isolate: 'b', need: 1, want: 50 }).held).toBe(1)
  })

  test('leave half of what is free', () => {
    const { ask } = openSlots(80)
    expect(ask(0, { using: 70, need: 2, want: 50 }).held).toBe(76)
  })
})

describe('another limit', () => {
  test('takes no slot away, and gives none until there is room', () => {
    const { ledger, ask } = openSlots(5)
    ask(0, { isolate: 'a', need: 5 })
    ledger.shapeTo({ kind: 'slots', limit: 3 })
    expect(ask(10, { isolate: 'a', seq: 2, using: 4, need: 1 })).toMatchObject({ held: 4 })
    expect(ask(20, { isolate: 'a', seq: 3, using: 1, need: 5 })).toMatchObject({ held: 3 })
    expect(ledger.look(20).available).toBe(0)
  })
})

describe('a start', () => {
  test('gives no slot that may be held since before', () => {
    const first = openSlots(5)
    first.ask(0, { isolate: 'a', need: 3 })
    const { ask } = openSlots(5, first.ledger.takeLine(), 100)
    expect(ask(100, { isolate: 'b', need: 1 })).toMatchObject({ held: 0, taken: 5 })
    expect(ask(200, { isolate: 'a', seq: 2, using: 3 })).toMatchObject({ held: 3, taken: 5 })
    expect(ask(11_099, { isolate: 'b', seq: 2, need: 5 }).held).toBe(0)
    expect(ask(11_100, { isolate: 'b', seq: 3, need: 5 }).held).toBe(2)
  })

  test('knows exactly what is held once nobody called for a while', () => {
    const first = openSlots(10)
    first.ask(0, { isolate: 'a', need: 6 })
    first.ask(10, { isolate: 'a', seq: 2, using: 2 })
    expect(first.ledger.isAhead).toBe(true)
    first.ledger.tidy(2_010)
    const { ask } = openSlots(10, first.ledger.takeLine(), 3_000)
    expect(ask(3_000, { isolate: 'b', need: 10 }).held).toBe(8)
  })

  test('writes seldom: what is held is announced twofold', () => {
    const { ledger, ask } = openSlots(1_000)
    let writes = 0
    for (let seq = 1; seq <= 500; seq++) {
      ask(seq, { seq, using: seq - 1, need: 1 })
      if (ledger.takeLine() !== null) writes++
    }
    expect(writes).toBe(8)
  })
})

test('an operator frees all; who still uses some says so with the next call', () => {
  const { ledger, ask } = openSlots(5)
  ask(0, { isolate: 'dead', need: 3 })
  ask(0, { isolate: 'a', need: 2 })
  ledger.change({ kind: 'top-up', tokens: 9 }, 10)
  expect(ledger.look(10).available).toBe(0)
  ledger.change({ kind: 'reset' }, 10)
  expect(ledger.look(10).available).toBe(5)
  expect(ask(20, { isolate: 'a', seq: 2, using: 2, need: 1 })).toMatchObject({ held: 3, taken: 3 })
})

test('it rests when nobody holds any and the last call is long gone', () => {
  const { ledger, ask } = openSlots(5)
  ask(0, { need: 1 })
  ask(10, { seq: 2, using: 0 })
  expect(ledger.restsAt(10)).toBe(11_010)
  expect(ledger.rests(11_009)).toBe(false)
  expect(ledger.rests(11_010)).toBe(true)
})

test('a clock that was set back keeps the lives of slots', () => {
  const { ledger, ask } = openSlots(5)
  ask(100_000, { need: 5 })
  ledger.shift(-90_000)
  expect(ledger.look(20_999).available).toBe(0)
  expect(ledger.look(21_000).available).toBe(5)
})
