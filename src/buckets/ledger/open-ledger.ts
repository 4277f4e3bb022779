/** A bucket of any kind, as the book has it: made from what is stored, or full; and what it rests on while asleep. */
import type { BucketCall, BucketReply } from '../messages.ts'
import type { BucketShape } from '../shape.ts'
import { LEASE_GRACE_MS, LEASE_TTL_MS } from './accounts.ts'
import { LeaseLedger } from './lease-ledger.ts'
import { fullAtOf } from './lease-line.ts'
import type { LeaseLine, Line, SlotsLine } from './lines.ts'
import type { SharedLine } from './shared-line.ts'
import { SLOTS_GRACE_MS, SLOTS_TTL_MS, SlotsLedger } from './slots-ledger.ts'

export type Ledger = LeaseLedger | SlotsLedger

export interface LedgerStart {
  readonly shape: BucketShape
  /** As stored under this kind; null for a new bucket. */
  readonly line: Line | null
  readonly now: number
  readonly incarnation: string
  readonly shared: SharedLine
}

export function openLedger({ shape, line, now, incarnation, shared }: LedgerStart): Ledger {
  if (shape.kind === 'slots') return new SlotsLedger({ shape, line: line as SlotsLine | null, now })
  return new LeaseLedger({ shape, line: line as LeaseLine | null, now, incarnation, shared })
}

/** A call brings the shape along: the table may have changed it. */
export function callLedger(
  ledger: Ledger,
  shape: BucketShape,
  message: BucketCall,
  now: number,
): BucketReply {
  reshapeLedger(ledger, shape, now)
  if (ledger instanceof SlotsLedger) {
    if (message.kind === 'slots') return ledger.call(message, now)
  } else if (message.kind === 'lease') return ledger.call(message, now)
  throw new Error(`a call of kind ${message.kind} to a bucket of kind ${shape.kind}`)
}

export function reshapeLedger(ledger: Ledger, shape: BucketShape, now: number): void {
  if (ledger instanceof SlotsLedger) {
    if (shape.kind === 'slots') ledger.shapeTo(shape)
  } else if (shape.kind !== 'slots') ledger.shapeTo(shape, now)
}

/** When a stored bucket that nobody calls is at rest; `startedAt` is when this life of the object began. */
export function restsByItself(line: Line, startedAt: number): number {
  switch (line.kind) {
    case 'rate':
      return fullAtOf(line) + (line.outstanding > 0 ? LEASE_TTL_MS + LEASE_GRACE_MS : 0)
    case 'quota':
      return line.span.end
    case 'slots':
      // Renewing writes nothing, so the line does not tell when the last one did.
      return startedAt + SLOTS_TTL_MS + SLOTS_GRACE_MS
  }
}
