/**
 * Finds the set of descriptors of an upstream: in the table itself, or in the store and then in the isolate for a
 * minute. Requests that ask at once share a read; while the store is away the last set serves.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Memory, Ports } from '../../platform/ports.ts'
import { SingleFlight } from '../../platform/single-flight.ts'
import { decodeBase64 } from '../../rpc/base64-core.ts'
import { FRESH_MS, lookAtSet, MOST_HELD, MOST_MISSING, memories } from '../../rpc/stored.ts'
import { type Api, readApi } from './api.ts'
import type { GrpcUpstreamOptions } from './schema.ts'

export type FindApi = (ports: Ports) => Promise<Api | Refusal>

interface Held {
  readonly version: string | null
  readonly api: Api
  readonly readAt: number
  readonly freshUntil: number
}

const READ_TIMEOUT_MS = 5_000 // Across an ocean 0.3 s.
/** While the store is away: how long a set that was read serves, and how often the store is asked anew. */
const LAST_KNOWN_MS = 3_600_000
const FAULT_HOLD_MS = 5_000
/** A set that is missing or broken is not asked for by each request. */
const MISSING_MS = 5_000

const sets = (ports: Ports): Memory<Held> => ports.memories.of(memories.held, MOST_HELD)
const misses = (ports: Ports): Memory<Read> => ports.memories.of(memories.missing, MOST_MISSING)
const flights = (ports: Ports): Memory<SingleFlight<Read>> => ports.memories.of('grpc:flights', 64)

type Read =
  | { readonly kind: 'read'; readonly api: Api }
  | { readonly kind: 'none'; readonly reason: string }

export function bindDescriptors({ descriptors }: GrpcUpstreamOptions): FindApi {
  if ('store' in descriptors) {
    const { store } = descriptors
    return async function findInStore(ports) {
      const now = ports.clock.now()
      const held = sets(ports).get(store, now)
      if (held !== undefined && now < held.freshUntil && now >= held.readAt) return held.api
      return told(misses(ports).get(store, now) ?? (await readOnce(store, ports)))
    }
  }
  // Read by the first request: to check a table is no reason to load the library.
  let read: Read | null = null
  return async function findInTable() {
    read ??= await readBytes(decodeBase64(descriptors.base64))
    return told(read)
  }
}

function told(read: Read): Api | Refusal {
  return read.kind === 'read' ? read.api : unavailable(read.reason)
}

function unavailable(reason: string): Refusal {
  return refuse('DESCRIPTORS_UNAVAILABLE', {
    reason,
    headers: { 'Retry-After': '5' },
    unsent: true,
  })
}

/** Call it in the same turn as the memory is asked, or two requests may read at once. */
async function readOnce(name: string, ports: Ports): Promise<Read> {
  const now = ports.clock.now()
  let flight = flights(ports).get(name, now)
  if (flight === undefined) {
    flight = new SingleFlight<Read>(READ_TIMEOUT_MS)
    flights(ports).set(name, flight, now + READ_TIMEOUT_MS)
  }
  const flown = await flight.fly(ports, () => readSet(name, ports))
  return flown.kind === 'landed' ? flown.value : lastKnown(name, ports, 'store-late')
}

/** Reports failures as values, as work that several requests wait for must. */
async function readSet(name: string, ports: Ports): Promise<Read> {
  const readAt = ports.clock.now()
  const held = sets(ports).get(name, readAt)
  try {
    const look = await lookAtSet(name, held?.version ?? null, ports)
    if (look.kind === 'unchanged' && held !== undefined) {
      keep(name, { ...held, readAt, freshUntil: readAt + FRESH_MS }, ports)
      return { kind: 'read', api: held.api }
    }
    if (look.kind !== 'read') return miss(name, 'descriptors-missing', ports)
    const read = await readBytes(decodeBase64(look.text))
    if (read.kind === 'none') return miss(name, read.reason, ports)
    const found = look.metadata?.version
    const version = typeof found === 'string' ? found : null
    keep(name, { version, api: read.api, readAt, freshUntil: readAt + FRESH_MS }, ports)
    return read
  } catch {
    return lastKnown(name, ports, 'store-failed')
  } finally {
    flights(ports).delete(name)
  }
}

async function readBytes(bytes: Uint8Array | null): Promise<Read> {
  const api = bytes === null ? null : await readApi(bytes)
  return api === null ? { kind: 'none', reason: 'descriptors-invalid' } : { kind: 'read', api }
}

function keep(name: string, held: Held, ports: Ports): void {
  sets(ports).set(name, held, held.readAt + LAST_KNOWN_MS)
}

function miss(name: string, reason: string, ports: Ports): Read {
  const missed: Read = { kind: 'none', reason }
  sets(ports).delete(name)
  misses(ports).set(name, missed, ports.clock.now() + MISSING_MS)
  return missed
}

/** Serves a moment more, so that not each request waits for a store that is away. */
function lastKnown(name: string, ports: Ports, reason: string): Read {
  const now = ports.clock.now()
  const held = sets(ports).get(name, now)
  if (held === undefined) return { kind: 'none', reason }
  // Its end stays where it was: a store that is away does not make a set live for ever.
  keep(name, { ...held, freshUntil: now + FAULT_HOLD_MS }, ports)
  return { kind: 'read', api: held.api }
}
