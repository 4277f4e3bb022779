/**
 * Sets of descriptors in KV, as the admin surface writes them and bridges read them: base64 under
 * `descriptors:<name>`, and beside it what a list shows. Failures come out as a StoreFault.
 */

import { askStore } from '../errors/store-fault.ts'
import { base64Of } from '../http/base64.ts'
import type { DocumentLook, Metadata, Ports } from '../platform/ports.ts'
import type { OutlineService } from './outline-core.ts'

export type StorePorts = Pick<Ports, 'clock' | 'timers' | 'documents'>

/** What is known of a set without reading it. */
export interface StoredSet {
  readonly name: string
  /** 16 hex digits of the SHA-256 of its bytes. */
  readonly version: string
  readonly bytes: number
  /** As many names as fit beside the text. */
  readonly services: readonly string[]
  /** How many there are. */
  readonly serviceCount: number
  /** ISO 8601, UTC. */
  readonly at: string
}

export const nameForm = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** A table's sets are some hundred KB; KV takes up to 25 MiB, and reading one costs each isolate its size twice. */
export const MAX_SET_BYTES = 4_194_304

/** An isolate goes by a set this long before it looks whether there is another. */
export const FRESH_MS = 60_000

/** Where an isolate remembers what it read, and what there was nothing of. */
export const memories = { held: 'grpc:descriptors', missing: 'grpc:missing' } as const
// A set of 4 MiB is some 40 MB of descriptors; usual ones are a hundredth of that.
export const MOST_HELD = 16
export const MOST_MISSING = 64

const PREFIX = 'descriptors:'
const LIST_LIMIT = 1_000 // what KV lists at once
const MAX_NAMES_LENGTH = 700 // KV takes 1,024 bytes beside a text.

export async function putSet(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  services: readonly OutlineService[],
  ports: StorePorts,
): Promise<StoredSet> {
  const { clock, documents } = ports
  const stored: Omit<StoredSet, 'name'> = {
    version: await versionOf(bytes),
    bytes: bytes.length,
    services: namesThatFit(services.map((service) => service.name)),
    serviceCount: services.length,
    at: new Date(clock.now()).toISOString(),
  }
  const text = base64Of(bytes)
  await askStore(documents.put(PREFIX + name, text, { v: 1, ...stored }), ports.timers)
  return { name, ...stored }
}

/** This isolate reads the set anew; the others do within `inForceWithinSeconds`. */
export function forgetSet(name: string, ports: Pick<Ports, 'memories'>): void {
  ports.memories.of(memories.held, MOST_HELD).delete(name)
  ports.memories.of(memories.missing, MOST_MISSING).delete(name)
}

// A write to KV is seen elsewhere within 60 s, and a location keeps what it read for its cacheTtl, 30 s.
const KV_MS = { cloudflare: 90_000, machine: 0 }

/** Seconds until every isolate goes by what was put. */
export function boundSeconds(host: 'cloudflare' | 'machine'): number {
  return (KV_MS[host] + FRESH_MS) / 1_000
}

/** In the order of their names: at most as many as KV lists at once. */
export async function listSets(ports: StorePorts): Promise<readonly StoredSet[]> {
  const page = { cursor: null, limit: LIST_LIMIT }
  const { entries } = await askStore(ports.documents.list(PREFIX, page), ports.timers)
  return entries.flatMap(({ key, metadata }) => {
    const set = parseStored(key.slice(PREFIX.length), metadata)
    return set === null ? [] : [set]
  })
}

export async function findSet(name: string, ports: StorePorts): Promise<StoredSet | null> {
  return parseStored(name, await askStore(ports.documents.metadata(PREFIX + name), ports.timers))
}

export async function deleteSet(name: string, ports: StorePorts): Promise<void> {
  await askStore(ports.documents.delete(PREFIX + name), ports.timers)
}

/** The text, unless it is of this version. */
export function lookAtSet(
  name: string,
  version: string | null,
  ports: StorePorts,
): Promise<DocumentLook> {
  return askStore(
    ports.documents.getIfChanged(PREFIX + name, version === null ? [] : [version]),
    ports.timers,
  )
}

function parseStored(name: string, metadata: Metadata | null): StoredSet | null {
  if (metadata === null) return null
  const { version, bytes, services, serviceCount, at } = metadata
  const isSound =
    typeof version === 'string' &&
    typeof bytes === 'number' &&
    Array.isArray(services) &&
    services.every((service) => typeof service === 'string') &&
    typeof serviceCount === 'number' &&
    typeof at === 'string'
  return isSound ? { name, version, bytes, services, serviceCount, at } : null
}

function namesThatFit(names: readonly string[]): readonly string[] {
  let length = 0
  return names.filter((name) => {
    length += name.length + 3
    return length <= MAX_NAMES_LENGTH
  })
}

async function versionOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
