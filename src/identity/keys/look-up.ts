/**
 * Finds the record of a key: in the isolate's memory, then in KV. Whatever is sent, a key costs at most one read
 * within the lifetime of the answer: requests that ask at once share it, and a miss is remembered too. Misses
 * have a memory of their own, so that a flood of guesses does not drive out keys that are in use.
 */
import type { Memory, Ports } from '../../platform/ports.ts'
import { SingleFlight } from '../../platform/single-flight.ts'
import { hashOfKey } from './hash.ts'
import { FAULT_HOLD_MS, KNOWN_MS, LAST_KNOWN_MS, UNKNOWN_MS } from './lifetimes.ts'
import { type KeyRecord, recordKey } from './record.ts'

export type KeyPorts = Pick<Ports, 'clock' | 'timers' | 'memories' | 'documents' | 'defer'>

export type KeyLook =
  | { readonly kind: 'known'; readonly record: KeyRecord }
  | { readonly kind: 'unknown'; readonly reason: 'key-unknown' | 'key-record-invalid' }
  /** The store cannot be asked. `last` is what it said within the last hour, if anything. */
  | {
      readonly kind: 'fault'
      readonly reason: 'store-failed' | 'store-late'
      readonly last: KeyRecord | null
    }

type Miss = Extract<KeyLook, { kind: 'unknown' }>

interface Known {
  readonly record: KeyRecord
  /** When the read began: the record may be as old as that. */
  readonly readAt: number
  /** Until when it serves without another read. */
  readonly freshUntil: number
}

// About 1 KB each with its record. The key itself is the name here: hashing it costs fifty times the look-up.
const records = (ports: KeyPorts): Memory<Known> => ports.memories.of('api-key:records', 5_000)
const misses = (ports: KeyPorts): Memory<Miss> => ports.memories.of('api-key:misses', 10_000)
const flights = (ports: KeyPorts): Memory<SingleFlight<Read>> =>
  ports.memories.of('api-key:flights', 1_000)
const written = (ports: Pick<Ports, 'memories'>): Memory<KeyRecord> =>
  ports.memories.of('api-key:written', 1_000)

const unknownKey: Miss = Object.freeze({ kind: 'unknown', reason: 'key-unknown' })
const invalidRecord: Miss = Object.freeze({ kind: 'unknown', reason: 'key-record-invalid' })

/** What memory says of a key, or null where the store has to be asked. */
export function recall(key: string, ports: KeyPorts): KeyLook | null {
  const now = ports.clock.now()
  const known = records(ports).get(key, now)
  // A clock that was set back may not keep a record.
  if (known !== undefined && now < known.freshUntil && now >= known.readAt) {
    return { kind: 'known', record: newest(known.record, ports, now) }
  }
  return misses(ports).get(key, now) ?? null
}

/** Asks the store. Call it in the same turn as `recall`, or two requests may ask at once. */
export async function lookUp(key: string, timeoutMs: number, ports: KeyPorts): Promise<KeyLook> {
  const now = ports.clock.now()
  let flight = flights(ports).get(key, now)
  if (flight === undefined) {
    flight = new SingleFlight<Read>(timeoutMs)
    flights(ports).set(key, flight, now + timeoutMs)
  }
  const flown = await flight.fly(ports, () => readRecord(key, ports))
  if (flown.kind === 'late') return fault('store-late', key, ports)
  return flown.value.kind === 'failed' ? fault('store-failed', key, ports) : flown.value
}

/** The last known record serves a moment more, so that not each request waits for a store that is away. */
export function holdOn(key: string, ports: KeyPorts): void {
  const now = ports.clock.now()
  const known = records(ports).get(key, now)
  if (known === undefined) return
  const held = { ...known, freshUntil: now + FAULT_HOLD_MS }
  // Its end stays where it was: a store that is away does not make a record live for ever.
  records(ports).set(key, held, known.readAt + LAST_KNOWN_MS)
}

/** What this isolate wrote itself holds here at once, whatever KV still shows. */
export function noteWritten(record: KeyRecord, ports: Pick<Ports, 'clock' | 'memories'>): void {
  written(ports).set(record.id, record, ports.clock.now() + WRITTEN_MS)
}

// Longer than KV shows an old copy on a bad day.
const WRITTEN_MS = 600_000

/** The record, or a newer one that this isolate wrote itself. */
export function newest(record: KeyRecord, ports: Pick<Ports, 'memories'>, now: number): KeyRecord {
  const changes = written(ports)
  if (changes.size === 0) return record
  const own = changes.get(record.id, now)
  return own !== undefined && own.changedAt >= record.changedAt ? own : record
}

type Read = Exclude<KeyLook, { kind: 'fault' }> | { readonly kind: 'failed' }

/** Reports failures as values, as work that several requests wait for must. */
async function readRecord(key: string, ports: KeyPorts): Promise<Read> {
  const readAt = ports.clock.now()
  const read = await readStore(key, ports)
  const now = ports.clock.now()
  flights(ports).delete(key)
  if (read.kind === 'known') {
    const known = { record: read.record, readAt, freshUntil: readAt + KNOWN_MS }
    records(ports).set(key, known, readAt + LAST_KNOWN_MS)
    return { kind: 'known', record: newest(read.record, ports, now) }
  }
  if (read.kind === 'unknown') {
    records(ports).delete(key)
    misses(ports).set(key, read, now + UNKNOWN_MS)
  }
  return read
}

async function readStore(key: string, ports: KeyPorts): Promise<Read> {
  try {
    const found = await ports.documents.get(recordKey(await hashOfKey(key)))
    if (found === null) return unknownKey
    // With its schema, which an isolate that reads no keys does not build.
    const { parseRecord } = await import('./stored.ts')
    const record = parseRecord(found.text)
    return record === null ? invalidRecord : { kind: 'known', record }
  } catch {
    return { kind: 'failed' }
  }
}

function fault(reason: 'store-failed' | 'store-late', key: string, ports: KeyPorts): KeyLook {
  const now = ports.clock.now()
  const known = records(ports).get(key, now)
  return { kind: 'fault', reason, last: known ? newest(known.record, ports, now) : null }
}
