/** What an isolate remembers of a bucket between requests, under the bucket's name. Bounded; the unused go first. */
import type { Ports } from '../../platform/ports.ts'
import type { LocalBucket } from '../local.ts'
import type { BucketPlace } from '../shape.ts'
import type { Asking } from './asking.ts'
import type { Flight, Watch } from './flight.ts'
import { Pocket } from './pocket.ts'
import { Slots } from './slots.ts'

// An entry takes somewhat under a kilobyte: 16 MB of an isolate's 128. What is pushed out loses its tokens, nothing else.
const CAPACITY = 16_384

export interface Entry<Account extends Asking> {
  readonly account: Account
  /** The call in flight; its promise carries plain data and belongs to the request that leads it. */
  flight: Flight | null
  /** Stands in for the object where `onStoreFault` is `local`. */
  local: LocalBucket | null
  /** The request that watches over giving back what lies idle; null where none does. */
  watch: Watch | null
}

export type PocketEntry = Entry<Pocket>
export type SlotsEntry = Entry<Slots>

// The object and the bucket in it: the policy is part of the object's name.
function nameOf({ object, bucket }: BucketPlace): string {
  return bucket === '' ? object : `${object}\n${bucket}`
}

export function pocketEntry(place: BucketPlace, ports: Ports, now: number): PocketEntry {
  const memory = ports.memories.of<PocketEntry>('buckets:pockets', CAPACITY)
  const name = nameOf(place)
  let entry = memory.get(name, now)
  if (entry === undefined) {
    entry = { account: new Pocket(ports.randomness.hex(8)), ...unused }
    memory.set(name, entry, Number.POSITIVE_INFINITY)
  }
  return entry
}

export function slotsEntry(place: BucketPlace, ports: Ports, now: number): SlotsEntry {
  const memory = ports.memories.of<SlotsEntry>('buckets:slots', CAPACITY)
  const name = nameOf(place)
  let entry = memory.get(name, now)
  if (entry === undefined) {
    entry = { account: new Slots(ports.randomness.hex(8)), ...unused }
    memory.set(name, entry, Number.POSITIVE_INFINITY)
  }
  return entry
}

/** Makes this isolate ask again where it remembers a refusal: an operator reset the bucket, or added to it. */
export function forgetRefusal(place: BucketPlace, ports: Ports): void {
  const now = ports.clock.now()
  const name = nameOf(place)
  for (const memory of ['buckets:pockets', 'buckets:slots']) {
    ports.memories.of<Entry<Asking>>(memory, CAPACITY).get(name, now)?.account.forgetRefusal()
  }
}

const unused = { flight: null, local: null, watch: null }
