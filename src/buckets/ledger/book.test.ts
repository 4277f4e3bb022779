import { describe, expect, test } from 'vitest'
import { leaseCall, slotsCall } from '../../../test/doubles/lease-call.ts'
import type { LeaseCall, LeaseReply } from '../messages.ts'
import type { QuotaShape, RateShape, SlotsShape } from '../shape.ts'
import { BucketBook } from './book.ts'
import type { StoredLine } from './lines.ts'

const rate: RateShape = { kind: 'rate', limit: 10, windowMs: 1_000, burst: 20 }
/** Refills 5,000 tokens in the five seconds that a line runs ahead. */
const fast: RateShape = { kind: 'rate', limit: 1_000, windowMs: 1_000, burst: 10_000 }
const slow: RateShape = { kind: 'rate', limit: 5, windowMs: 60_000, burst: 5 }
const quota: QuotaShape = { kind: 'quota', limit: 100, period: { per: 'day' } }
const slots: SlotsShape = { kind: 'slots', limit: 3 }

/** A book on storage that outlives it, with a clock that a test sets. */
function openBook(start = 0) {
  const stored = new Map<string, StoredLine>()
  const writes: string[] = []
  let now = start
  let lives = 0
  const begin = () =>
    new BucketBook({
      storage: {
        list: () => [...stored],
        write: (key, line) => {
          stored.set(key, structuredClone(line))
          writes.push(key)
        },
        delete: (key) => stored.delete(key),
      },
      clock: { now: () => now },
      randomness: { hex: () => `life-${++lives}`, fraction: () => 0.5 },
    })
  const subject = {
    book: begin(),
    stored,
    writes,
    at: (time: number) => {
      now = time
      return subject.book
    },
    restart: () => {
      subject.book = begin()
    },
    ask: (bucket: string, message: Partial<LeaseCall>, shape: RateShape | QuotaShape = rate) =>
      subject.book.call(bucket, shape, leaseCall(message)) as LeaseReply,
  }
  return subject
}

describe('the buckets of an object', () => {
  test('have a level each', () => {
    const { book, ask } = openBook()
    expect(ask('a', { need: [20] }).granted).toBe(1)
    expect(ask('b', { need: [20] }).granted).toBe(1)
    expect(book.look('a', rate).available).toBe(0)
    expect(book.look('c', rate).available).toBe(20)
  })

  test('of different kinds do not meet under one name', () => {
    const { book, ask, stored } = openBook()
    ask('a', { need: [5] }, slow)
    expect(ask('a', { need: [100] }, quota).granted).toBe(1)
    expect(book.call('a', slots, slotsCall({ need: 3 }))).toMatchObject({ held: 3 })
    expect([...stored.keys()]).toEqual(['rate:a', 'quota:a', 'slots:a'])
  })

  test('are written before the reply leaves, and are there after a restart', () => {
    const subject = openBook()
    subject.ask('a', { need: [5] }, slow)
    expect(subject.writes).toEqual(['rate:a'])
    subject.restart()
    expect(subject.book.look('a', slow).available).toBe(0)
    expect(subject.ask('a', { need: [1] }, slow)).toMatchObject({ granted: 0, waitMs: 12_000 })
  })

  test('have another incarnation in each life', () => {
    const subject = openBook()
    const first = subject.ask('a', { need: [5] }).incarnation
    subject.restart()
    const again = subject.ask('a', {}).incarnation
    expect(subject.ask('b', {}).incarnation).not.toBe(again)
    expect(again).not.toBe(first)
  })

  test('follow the table with the next call', () => {
    const { book, ask } = openBook()
    ask('a', { need: [15] })
    expect(book.look('a', { ...rate, burst: 3 })).toMatchObject({ limit: 10, available: 3 })
    ask('k', {})
    book.call('s', slots, slotsCall({ need: 3 }))
    expect(
      book.call('s', { kind: 'slots', limit: 5 }, slotsCall({ isolate: 'b', need: 3 })),
    ).toMatchObject({ held: 2 })
  })

  test('refuse a call of another kind, which only a mistake can make', () => {
    const { book } = openBook()
    expect(() => book.call('a', slots, leaseCall())).toThrow()
    expect(() => book.call('a', rate, slotsCall())).toThrow()
  })

  test('are changed by an operator, and that is stored', () => {
    const subject = openBook()
    subject.ask('a', { need: [5] }, slow)
    expect(subject.book.change('a', slow, { kind: 'top-up', tokens: 2 }).available).toBe(2)
    subject.restart()
    expect(subject.book.look('a', slow).available).toBe(2)
    expect(subject.book.change('a', slow, { kind: 'reset' }).available).toBe(5)
    subject.restart()
    expect(subject.book.look('a', slow).available).toBe(5)
  })

  test('are not made by looking', () => {
    const { book, stored } = openBook()
    book.look('a', rate)
    expect(book.size).toBe(0)
    expect(stored.size).toBe(0)
  })
})

describe('time', () => {
  test('a clock that goes back a little stands still', () => {
    const subject = openBook(10_000)
    subject.ask('a', { need: [20] })
    expect(subject.at(6_000).look('a', rate).available).toBe(0)
    expect(subject.at(10_000).look('a', rate).available).toBe(0)
    expect(subject.at(10_100).look('a', rate).available).toBe(1)
  })

  test('one that goes back far goes on from there, for every bucket', () => {
    const subject = openBook(1_000_000)
    subject.ask('a', { need: [20] })
    subject.ask('b', { need: [10] })
    expect(subject.at(500_000).look('a', rate).available).toBe(0)
    expect(subject.at(500_100).look('a', rate).available).toBe(1)
    expect(subject.book.look('b', rate).available).toBe(11)
  })

  test('two seconds after the last call what is there is written exactly, once', () => {
    const subject = openBook()
    expect(subject.book.nextWake()).toBe(Number.POSITIVE_INFINITY)
    subject.ask('a', { need: [6_000] }, fast)
    subject.at(1_500)
    subject.ask('a', { seq: 2, ack: 1, need: [1] }, fast)
    expect(subject.book.nextWake()).toBe(3_500)
    subject.at(3_499).wake()
    expect(subject.writes.length).toBe(1)
    subject.at(3_500).wake()
    expect(subject.writes.length).toBe(2)
    expect(subject.book.nextWake()).toBe(Number.POSITIVE_INFINITY)
    subject.restart()
    expect(subject.book.look('a', fast).available).toBe(7_499)
  })

  test('of several buckets each waits from its own last call', () => {
    const subject = openBook()
    subject.ask('a', { need: [6_000] }, fast)
    subject.at(500)
    subject.ask('b', { need: [6_000] }, fast)
    subject.at(1_000)
    subject.ask('a', { seq: 2, ack: 1, need: [1] }, fast)
    expect(subject.book.nextWake()).toBe(2_500)
    subject.at(2_500).wake()
    expect(subject.book.nextWake()).toBe(3_000)
  })
})

describe('a bucket at rest', () => {
  test('is forgotten, in storage too', () => {
    const subject = openBook()
    subject.ask('a', { need: [2] }, slow)
    expect(subject.book.nextRest()).toBe(24_000)
    subject.at(23_999).sweep()
    expect(subject.book.stored).toBe(1)
    subject.at(24_000).sweep()
    expect(subject.book.stored).toBe(0)
    expect(subject.stored.size).toBe(0)
    expect(subject.book.size).toBe(0)
    expect(subject.book.nextRest()).toBe(Number.POSITIVE_INFINITY)
  })

  test('is forgotten after a restart too, though nobody asked for it', () => {
    const subject = openBook()
    subject.ask('a', { need: [2] }, slow)
    subject.ask('q', { need: [2] }, quota)
    subject.book.call('s', slots, slotsCall({ need: 1 }))
    subject.at(20_000)
    subject.restart()
    expect(subject.book.nextRest()).toBe(24_000)
    subject.at(24_000).sweep()
    expect([...subject.stored.keys()]).toEqual(['quota:q', 'slots:s'])
    subject.at(31_000).sweep()
    expect([...subject.stored.keys()]).toEqual(['quota:q'])
    subject.at(86_400_000).sweep()
    expect(subject.stored.size).toBe(0)
  })

  test('that is used again is full, and counts', () => {
    const subject = openBook()
    subject.ask('a', { need: [2] }, slow)
    subject.at(24_000).sweep()
    expect(subject.ask('a', { seq: 2, ack: 1, need: [1, 1, 1, 1, 1, 1] }, slow).granted).toBe(5)
  })
})

test('a bucket that nobody asked for in a while is kept as it is stored, and nothing is lost', () => {
  const subject = openBook()
  subject.ask('a', { need: [5] }, slow)
  subject.ask('q', { need: [30] }, quota)
  subject.at(5_999).sweep()
  expect(subject.book.ledgerOf('a', slow)).toBeDefined()
  subject.at(13_000).sweep()
  expect(subject.book.ledgerOf('a', slow)).toBeUndefined()
  expect(subject.book.ledgerOf('q', quota)).toBeUndefined()
  expect(subject.book.size).toBe(2)
  expect(subject.book.nextRest()).toBe(60_000)
  expect(subject.ask('a', { seq: 2, ack: 1, need: [1, 1] }, slow).granted).toBe(1)
  expect(subject.book.look('q', quota).available).toBe(70)
})

test('a bucket whose tokens may still be out is not', () => {
  const subject = openBook()
  const wide: RateShape = { kind: 'rate', limit: 100, windowMs: 3_600_000, burst: 100 }
  subject.ask('a', { need: [1], want: 50 }, wide)
  subject.at(30_000).sweep()
  expect(subject.book.ledgerOf('a', wide)).toBeDefined()
})

describe('more buckets than fit', () => {
  function fill(shape: RateShape) {
    const subject = openBook()
    for (let key = 0; key < 10_000; key++) subject.ask(`k${key}`, { need: [1] }, shape)
    return subject
  }

  test('a new key takes the place of one at rest', () => {
    const subject = fill(rate)
    subject.at(60_000)
    expect(subject.ask('new', { need: [20] }).granted).toBe(1)
    expect(subject.book.size).toBe(10_000)
    expect(subject.stored.has('overflow:rate')).toBe(false)
  })

  test('one at rest is found among those that only storage knows', () => {
    const subject = fill(slow)
    subject.restart()
    subject.at(12_000)
    expect(subject.ask('new', { need: [5] }, slow).granted).toBe(1)
    expect(subject.stored.has('rate:new')).toBe(true)
    expect(subject.stored.size).toBe(10_000)
  })

  test('new keys share one bucket while none rests', () => {
    const subject = fill(slow)
    expect(subject.ask('new', { need: [3] }, slow).granted).toBe(1)
    expect(subject.ask('newer', { isolate: 'b', need: [3] }, slow).granted).toBe(0)
    expect(subject.book.size).toBe(10_001)
    expect(subject.ask('k7', { seq: 2, ack: 1, need: [4] }, slow).granted).toBe(1)
    expect(subject.book.look('newest', slow).available).toBe(2)
  })

  test('a key that shared gets no bucket of its own until the shared one rests', () => {
    const subject = fill(slow)
    subject.ask('new', { need: [5] }, slow)
    // The others rest at 12 s; what the key spent comes back by 60 s.
    subject.at(30_000).sweep()
    expect(subject.ask('new', { seq: 2, ack: 1, need: [3] }, slow).granted).toBe(0)
    subject.at(90_001).sweep()
    expect(subject.ask('new', { seq: 3, ack: 2, need: [5] }, slow).granted).toBe(1)
    expect(subject.stored.has('rate:new')).toBe(true)
  })

  test('the shared bucket is there after a restart', () => {
    const subject = fill(slow)
    subject.ask('new', { need: [5] }, slow)
    subject.restart()
    expect(subject.ask('newer', { isolate: 'b', need: [1] }, slow).granted).toBe(0)
  })
})

describe('buckets that are used a little', () => {
  test('share one line: many of them cost one write', () => {
    const subject = openBook()
    for (let key = 0; key < 100; key += 1) subject.ask(`k${key}`, { need: [3] }, fast)
    expect(subject.writes).toEqual(['shared'])
  })

  test('cost a write again once the line has risen above one of them', () => {
    const subject = openBook()
    subject.ask('a', { need: [3] }, fast)
    subject.at(4_000)
    subject.ask('b', { need: [999] }, fast)
    expect(subject.writes).toEqual(['shared'])
    subject.ask('c', { need: [1_001] }, fast)
    expect(subject.writes).toEqual(['shared', 'shared'])
  })

  test('get a line of their own where they sink deeper, or where isolates hold some of them', () => {
    const subject = openBook()
    subject.ask('a', { need: [5_001] }, fast)
    subject.ask('b', { want: 100 }, fast)
    expect(subject.writes).toEqual(['rate:a', 'rate:b'])
  })

  test('that refill too slowly for it are each written exactly', () => {
    const subject = openBook()
    subject.ask('a', { need: [1] }, slow)
    expect(subject.writes).toEqual(['rate:a'])
  })

  test('begin at worst on the line after a restart, and are full when it is', () => {
    const subject = openBook()
    subject.ask('a', { need: [3_000] }, fast)
    subject.at(1_000)
    subject.restart()
    expect(subject.book.look('a', fast).available).toBe(6_000)
    // Whether it was used at all is not known any more.
    expect(subject.book.look('never-used', fast).available).toBe(6_000)
    expect(subject.at(5_000).look('a', fast).available).toBe(10_000)
  })

  test('grant no more than the line leaves, in the first instance and the next together', () => {
    const subject = openBook()
    subject.ask('a', { need: [1] }, fast)
    const before = subject.book
    subject.at(1_000)
    subject.restart()
    const next = subject.ask('a', { need: [6_000] }, fast)
    expect(next.granted).toBe(1)
    expect(subject.ask('a', { seq: 2, ack: 1, need: [1] }, fast).granted).toBe(0)
    // The one before may still give what lies above its line; for more it would have to write, and the write fails.
    const written = subject.writes.length
    const last = before.call('a', fast, leaseCall({ seq: 2, ack: 1, need: [4_000] })) as LeaseReply
    expect(last.granted).toBe(1)
    expect(subject.writes.length).toBe(written)
    before.call('a', fast, leaseCall({ seq: 3, ack: 2, need: [1] }))
    expect(subject.writes.length).toBe(written + 1)
  })

  test('leave nothing in storage once all are full', () => {
    const subject = openBook()
    subject.ask('a', { need: [3] }, fast)
    expect(subject.book.stored).toBe(1)
    expect(subject.book.nextRest()).toBe(5_000)
    subject.at(4_999).sweep()
    expect(subject.stored.size).toBe(1)
    subject.at(5_000).sweep()
    expect(subject.stored.size).toBe(0)
    expect(subject.book.nextRest()).toBe(Number.POSITIVE_INFINITY)
  })

  test('write the line anew after the clock went back behind it', () => {
    const subject = openBook(1_000_000)
    subject.ask('a', { need: [3] }, fast)
    subject.at(500_000)
    subject.ask('b', { need: [3] }, fast)
    expect(subject.writes).toEqual(['shared', 'shared'])
  })
})
