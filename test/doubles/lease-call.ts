/** A call of an isolate that has never called before and wants nothing; a test says what differs. */
import type { LeaseCall, SlotsCall } from '../../src/buckets/messages.ts'

export function leaseCall(differing: Partial<LeaseCall> = {}): LeaseCall {
  return {
    kind: 'lease',
    isolate: 'a',
    seq: 1,
    ack: 0,
    incarnation: '',
    hold: 0,
    pocket: 0,
    back: 0,
    refund: 0,
    refundAt: 0,
    overdrawn: 0,
    need: [],
    want: 0,
    rate: 0,
    final: false,
    ...differing,
  }
}

export function slotsCall(differing: Partial<SlotsCall> = {}): SlotsCall {
  return { kind: 'slots', isolate: 'a', seq: 1, using: 0, need: 0, want: 0, ...differing }
}
