/** Two instances of one object may run for a while; what the older one grants without a write is not granted twice. */
import { expect, test } from 'vitest'
import type { LeaseCall } from '../messages.ts'
import type { RateShape } from '../shape.ts'
import { LeaseLedger } from './lease-ledger.ts'

const shape: RateShape = { kind: 'rate', limit: 10, windowMs: 1000, burst: 10 }

function asking(isolate: string, seq: number, tokens: number): LeaseCall {
  return {
    kind: 'lease',
    isolate,
    seq,
    ack: 0,
    incarnation: '',
    hold: 0,
    pocket: 0,
    back: 0,
    refund: 0,
    refundAt: 0,
    overdrawn: 0,
    need: Array.from({ length: tokens }, () => 1),
    want: 0,
    rate: 0,
    final: false,
  }
}

test('a start beside an instance that still runs leaves it what that may grant without a write', () => {
  const older = new LeaseLedger({ shape, line: null, now: 0, incarnation: 'older' })
  expect(older.call(asking('a', 1, 10), 0)).toMatchObject({ granted: 10 })
  const line = older.takeLine()
  const newer = new LeaseLedger({ shape, line, now: 0, incarnation: 'newer' })
  // Five tokens have come back: they are there once.
  expect(older.call(asking('a', 2, 5), 500)).toMatchObject({ granted: 5 })
  expect(older.takeLine()).toBeNull()
  expect(newer.call(asking('b', 1, 5), 500)).toMatchObject({ granted: 0 })
  expect(newer.call(asking('c', 1, 5), 1500)).toMatchObject({ granted: 5 })
})
