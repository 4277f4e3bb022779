/** What a bucket writes, and what a start begins with: nothing granted twice, nothing forgotten by sleep. */
import { describe, expect, test } from 'vitest'
import { leaseCall } from '../../../test/doubles/lease-call.ts'
import type { LeaseCall } from '../messages.ts'
import type { RateShape } from '../shape.ts'
import { LeaseLedger } from './lease-ledger.ts'
import type { LeaseLine } from './lines.ts'

const fast: RateShape = { kind: 'rate', limit: 1_000, windowMs: 1_000, burst: 10_000 }
const slow: RateShape = { kind: 'rate', limit: 5, windowMs: 60_000, burst: 5 }

/** A bucket over a storage that outlives it. */
function openStored(shape: RateShape, start = 0) {
  let line: LeaseLine | null = null
  let writes = 0
  let lives = 0
  const open = (now: number) =>
    new LeaseLedger({ shape, line: structuredClone(line), now, incarnation: `life-${++lives}` })
  let ledger = open(start)
  const save = () => {
    const taken = ledger.takeLine()
    if (taken === null) return
    line = taken
    writes++
  }
  return {
    restart: (now: number) => {
      ledger = open(now)
    },
    ask: (now: number, message: Partial<LeaseCall>) => {
      const reply = ledger.call(leaseCall({ incarnation: 'life-1', ...message }), now)
      save()
      if (reply.kind !== 'leased') throw new Error('stale')
      return reply
    },
    tidy: (now: number) => {
      ledger.tidy(now)
      save()
    },
    tokens: (now: number) => ledger.look(now).available,
    view: (now: number) => ledger.look(now),
    rests: (now: number) => ledger.rests(now),
    restsAt: (now: number) => ledger.restsAt(now),
    line: () => line,
    writes: () => writes,
  }
}

describe('writing ahead', () => {
  test('a bucket that nobody drew on writes nothing', () => {
    const bucket = openStored(fast)
    bucket.ask(0, {})
    bucket.ask(10, { seq: 2, ack: 1, final: true })
    expect(bucket.writes()).toBe(0)
  })

  test('a slow bucket is written exactly, with each grant', () => {
    const bucket = openStored(slow)
    for (let seq = 1; seq <= 5; seq++) bucket.ask(seq, { seq, ack: seq - 1, need: [1] })
    expect(bucket.writes()).toBe(5)
    bucket.restart(6)
    expect(bucket.tokens(6)).toBe(0)
    expect(bucket.tokens(12_001)).toBe(1)
  })

  test('a fast one is written once for what is spent in five seconds', () => {
    const bucket = openStored(fast)
    for (let seq = 1; seq <= 2_000; seq++) {
      bucket.ask(seq * 10, { seq, ack: seq - 1, need: Array.from({ length: 10 }, () => 1) })
    }
    // 20,000 tokens in 20 seconds.
    expect(bucket.writes()).toBeLessThanOrEqual(5)
    expect(bucket.writes()).toBeGreaterThanOrEqual(1)
  })

  test('a refused call writes nothing', () => {
    const bucket = openStored(slow)
    bucket.ask(0, { need: [5] })
    for (let seq = 2; seq < 50; seq++) bucket.ask(seq, { seq, ack: seq - 1, need: [1] })
    expect(bucket.writes()).toBe(1)
  })

  test('more outstanding than was announced is written', () => {
    const bucket = openStored(fast)
    bucket.ask(0, { isolate: 'a', want: 100 })
    expect(bucket.line()).toMatchObject({ outstanding: 200 })
    bucket.ask(0, { isolate: 'b', want: 100 })
    expect(bucket.writes()).toBe(1)
    bucket.ask(0, { isolate: 'c', want: 100 })
    expect(bucket.line()).toMatchObject({ outstanding: 600 })
  })
})

describe('a start', () => {
  test('gives no token twice that was given before', () => {
    const bucket = openStored(fast)
    bucket.ask(0, { need: [9_000] })
    bucket.restart(1)
    expect(bucket.tokens(1)).toBeLessThanOrEqual(1_001)
  })

  test('of a dry bucket costs one second of refill at most', () => {
    const bucket = openStored(fast)
    bucket.ask(0, { need: [10_000] })
    bucket.restart(1)
    expect(bucket.ask(1, { need: [1] })).toMatchObject({ granted: 0, waitMs: 1_000 })
    expect(bucket.tokens(1_100)).toBe(100)
  })

  test('knows of a debt', () => {
    const bucket = openStored(slow)
    bucket.ask(0, { overdrawn: 7 })
    bucket.restart(1)
    expect(bucket.tokens(24_000)).toBe(0)
    expect(bucket.tokens(36_001)).toBe(1)
  })

  test('knows of a debt that was made above the line', () => {
    const bucket = openStored(fast)
    bucket.ask(0, { need: [10_000] })
    bucket.ask(0, { seq: 2, ack: 1, overdrawn: 500 })
    bucket.restart(1)
    expect(bucket.tokens(500)).toBe(0)
    expect(bucket.tokens(1_600)).toBeLessThanOrEqual(1_100)
  })

  test('keeps the room of what the last life leased, until that has ended', () => {
    const bucket = openStored({ ...fast, limit: 100_000 })
    bucket.ask(0, { want: 1_000 })
    bucket.restart(200)
    // An instance that still runs may lease until the line is full, at 1,100.
    expect(bucket.tokens(1_100)).toBe(8_000)
    expect(bucket.tokens(7_099)).toBe(8_000)
    expect(bucket.tokens(7_101)).toBe(8_100)
  })

  test('adds what it leases itself to what the last life did', () => {
    const bucket = openStored({ ...fast, limit: 100_000 })
    bucket.ask(0, { want: 1_000 })
    bucket.restart(1_090)
    bucket.ask(1_090, { isolate: 'new', want: 500 })
    expect(bucket.tokens(2_000)).toBe(7_500)
  })

  test('takes over a holder of the last life, once', () => {
    const bucket = openStored({ ...fast, limit: 100_000 })
    bucket.ask(0, { want: 1_000 })
    bucket.restart(200)
    bucket.ask(200, { seq: 2, ack: 1, hold: 900, pocket: 900 })
    expect(bucket.view(200).outstanding).toBe(900)
    expect(bucket.tokens(2_000)).toBe(8_000)
    bucket.ask(2_000, { seq: 3, ack: 2, incarnation: 'life-2', hold: 100, pocket: 100, back: 700 })
    expect(bucket.view(2_000).outstanding).toBe(100)
    expect(bucket.tokens(2_000)).toBe(8_700)
  })

  test('after a sleep in which all of that ended is full', () => {
    const bucket = openStored(fast)
    bucket.ask(0, { need: [9_000], want: 100 })
    bucket.restart(16_999)
    expect(bucket.tokens(16_999)).toBe(9_800)
    bucket.restart(17_000)
    expect(bucket.tokens(17_000)).toBe(10_000)
  })

  test('after the clock went back gives nothing for the time that comes again', () => {
    const bucket = openStored(slow, 1_000_000)
    bucket.ask(1_000_000, { need: [5] })
    bucket.restart(900_000)
    expect(bucket.tokens(900_000)).toBe(0)
    expect(bucket.tokens(912_000)).toBe(1)
    bucket.ask(912_000, { need: [1] })
    expect(bucket.line()).toMatchObject({ at: 912_000, level: 0 })
  })

  test('with another table keeps what was spent', () => {
    const bucket = openStored(slow)
    bucket.ask(0, { need: [5] })
    const line = bucket.line()
    const larger: RateShape = { kind: 'rate', limit: 1_000, windowMs: 1_000, burst: 1_000 }
    const ledger = new LeaseLedger({ shape: larger, line, now: 12_000, incarnation: 'y' })
    expect(ledger.look(12_000).available).toBe(1)
    expect(ledger.look(12_100).available).toBe(101)
  })

  test('after a table with a lower rate does not count by the rate before', () => {
    const bucket = openStored({ kind: 'rate', limit: 1_000, windowMs: 1_000, burst: 1_000 })
    bucket.ask(0, { need: [1_000] })
    const lower: RateShape = { kind: 'rate', limit: 1, windowMs: 1_000, burst: 1_000 }
    const ledger = new LeaseLedger({
      shape: lower,
      line: bucket.line(),
      now: 1_000,
      incarnation: 'y',
    })
    ledger.call(leaseCall({ need: [1] }), 1_000)
    const line = ledger.takeLine()
    const again = new LeaseLedger({ shape: lower, line, now: 6_000, incarnation: 'z' })
    // Five have come back; a line may be a second of refill below what is there.
    expect(again.look(6_000).available).toBe(4)
  })
})

describe('nobody calls', () => {
  test('what is there is written exactly, so that sleep costs nothing', () => {
    const bucket = openStored(fast)
    bucket.ask(0, { need: [5_000] })
    bucket.tidy(2_000)
    bucket.restart(2_000)
    expect(bucket.tokens(2_000)).toBe(7_000)
  })

  test('a line that is exact is not written again', () => {
    const bucket = openStored(slow)
    bucket.ask(0, { need: [2] })
    bucket.tidy(2_000)
    expect(bucket.writes()).toBe(1)
  })

  test('it rests when it is full, nothing is out and the last call is long gone', () => {
    const bucket = openStored(slow)
    bucket.ask(0, { need: [2] })
    expect(bucket.restsAt(0)).toBe(24_000)
    expect(bucket.rests(23_999)).toBe(false)
    expect(bucket.rests(24_000)).toBe(true)
    const quick = openStored(fast)
    quick.ask(0, { need: [1] })
    expect(quick.restsAt(0)).toBe(6_000)
    expect(quick.rests(5_999)).toBe(false)
    expect(quick.rests(6_000)).toBe(true)
  })
})
