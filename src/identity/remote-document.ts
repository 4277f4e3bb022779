/**
 * JSON documents of identity providers, such as key sets: held by the isolate, and as text at this location. An
 * old one serves while its source is down. Requests wait together for one fetch, and none on another's promise
 * alone (platform/single-flight.ts). What is held is plain data and keys that are imported: no promise.
 */
import type { Memories, Ports } from '../platform/ports.ts'
import { SingleFlight } from '../platform/single-flight.ts'
import { fetchJson } from './fetch-json.ts'

export type DocumentPorts = Pick<
  Ports,
  'clock' | 'timers' | 'network' | 'memories' | 'responses' | 'defer'
>

export interface RemoteDocument<Value> {
  /** What it is, such as `key-set`; with the URL it is the key under which it is held. */
  readonly kind: string
  readonly url: string
  /** The document as it is used, or null where the JSON is no such document. */
  parse(json: unknown): Value | null | Promise<Value | null>
}

export type Look<Value> =
  | {
      readonly kind: 'held'
      readonly value: Value
      /** Milliseconds since 1970 until which nobody looks again. */
      readonly freshUntil: number
      /** Whether this very look fetched it from its source. */
      readonly isNew: boolean
    }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number }

// How long a document is taken as it is, whatever its Cache-Control says: a key that its owner took out is
// refused after at most an hour, and no provider is asked more than once a minute by an isolate.
export const LEAST_FRESH_SECONDS = 60
export const MOST_FRESH_SECONDS = 3_600
export const FRESH_SECONDS = 600
/** How long a document serves after it was fetched while its source is down. */
export const STALE_SECONDS = 86_400
/** After a look that failed the source is left alone for so long. */
export const RETRY_SECONDS = 5
/** How often a document that is fresh is fetched again, because it lacks what a caller looks for. */
export const COOL_DOWN_SECONDS = 30

// Longer than the fetch itself may take (fetch-json.ts).
const FLIGHT_TIMEOUT_MS = 5_000
const CAPACITY = 500

interface Held<Value> {
  readonly value: Value
  readonly fetchedAt: number
  readonly freshUntil: number
}

/** From its source, from this location, or not at all. */
type Loaded = 'fetched' | 'kept' | 'failed'

/** What the isolate knows of one document. */
class Shelf<Value> {
  held: Held<Value> | null = null
  failedAt: number | null = null
  /** Not before then is it fetched again while it is fresh. */
  againAt = 0
  againFailed = false
  readonly renewal = new SingleFlight<Loaded>(FLIGHT_TIMEOUT_MS)
  readonly again = new SingleFlight<Loaded>(FLIGHT_TIMEOUT_MS)
}

/** The document: at once where it is fresh, after a fetch where it is not, the old one where that fails. */
export async function lookUp<Value>(
  ports: DocumentPorts,
  document: RemoteDocument<Value>,
): Promise<Look<Value>> {
  const shelf = shelfOf(ports.memories, document)
  const now = ports.clock.now()
  if (shelf.held !== null && now < shelf.held.freshUntil) return show(shelf.held, false)
  const sinceFailure = shelf.failedAt === null ? null : now - shelf.failedAt
  const isResting =
    sinceFailure !== null && sinceFailure >= 0 && sinceFailure < RETRY_SECONDS * 1000
  if (isResting) return showOld(shelf, now)
  const before = shelf.held
  const renewed = shelf.renewal.fly(ports, () => load(ports, document, shelf))
  if (sinceFailure !== null && isUsable(before, now)) {
    // The source was down when it was last asked: this request does not wait to see whether it still is.
    ports.defer(renewed)
    return show(before, false)
  }
  const flown = await renewed
  if (flown.kind === 'late') shelf.failedAt = ports.clock.now()
  const isNew = flown.kind === 'landed' && flown.value === 'fetched'
  return showOld(shelf, ports.clock.now(), isNew)
}

/** Fetches a document again that is fresh and lacks something, unless that was done just now. */
export async function lookAgain<Value>(
  ports: DocumentPorts,
  document: RemoteDocument<Value>,
): Promise<Look<Value>> {
  const shelf = shelfOf(ports.memories, document)
  const now = ports.clock.now()
  if (now >= shelf.againAt || shelf.again.isFlying(now)) {
    const flown = await shelf.again.fly(ports, () => loadAgain(ports, document, shelf))
    if (flown.kind === 'late') noteAgain(shelf, ports.clock.now(), false)
  }
  if (shelf.againFailed || shelf.held === null) return unavailable
  return show(shelf.held, true)
}

function shelfOf<Value>(memories: Memories, { kind, url }: RemoteDocument<Value>): Shelf<Value> {
  const shelves = memories.of<Shelf<Value>>('identity:documents', CAPACITY)
  const key = `${kind} ${url}`
  const known = shelves.get(key, 0)
  if (known !== undefined) return known
  const shelf = new Shelf<Value>()
  shelves.set(key, shelf, Number.POSITIVE_INFINITY)
  return shelf
}

const unavailable = Object.freeze({ kind: 'unavailable', retryAfterSeconds: RETRY_SECONDS })

function show<Value>({ value, freshUntil }: Held<Value>, isNew: boolean): Look<Value> {
  return { kind: 'held', value, freshUntil, isNew }
}

function showOld<Value>({ held }: Shelf<Value>, now: number, isNew = false): Look<Value> {
  return isUsable(held, now) ? show(held, isNew) : unavailable
}

function isUsable<Value>(held: Held<Value> | null, now: number): held is Held<Value> {
  return held !== null && now < held.fetchedAt + STALE_SECONDS * 1000
}

/** Looks at this location, then at the source. What failed may have left an old document on the shelf. */
async function load<Value>(
  ports: DocumentPorts,
  document: RemoteDocument<Value>,
  shelf: Shelf<Value>,
): Promise<Loaded> {
  const kept = parseKept(await ports.responses.get(keyOf(document)))
  const now = ports.clock.now()
  if (kept !== null && kept.fetchedAt <= now && kept.fetchedAt > (shelf.held?.fetchedAt ?? 0)) {
    await hold(document, shelf, kept)
    if (shelf.held !== null && now < shelf.held.freshUntil) {
      shelf.failedAt = null
      return 'kept'
    }
  }
  return fetchInto(ports, document, shelf)
}

async function loadAgain<Value>(
  ports: DocumentPorts,
  document: RemoteDocument<Value>,
  shelf: Shelf<Value>,
): Promise<Loaded> {
  const loaded = await fetchInto(ports, document, shelf)
  noteAgain(shelf, ports.clock.now(), loaded === 'fetched')
  return loaded
}

function noteAgain(shelf: Shelf<unknown>, now: number, isFetched: boolean): void {
  shelf.againAt = now + (isFetched ? COOL_DOWN_SECONDS : RETRY_SECONDS) * 1000
  shelf.againFailed = !isFetched
}

async function fetchInto<Value>(
  ports: DocumentPorts,
  document: RemoteDocument<Value>,
  shelf: Shelf<Value>,
): Promise<Loaded> {
  const kept = await fetchKept(ports, document.url)
  const isHeld = kept !== null && (await hold(document, shelf, kept))
  shelf.failedAt = isHeld ? null : ports.clock.now()
  if (!isHeld) return 'failed'
  // The next isolate of this location finds it, be it old: its source may be down when that one starts.
  ports.defer(ports.responses.put(keyOf(document), JSON.stringify(kept), STALE_SECONDS))
  return 'fetched'
}

async function fetchKept(ports: DocumentPorts, url: string): Promise<Kept | null> {
  const fetched = await fetchJson(ports, url)
  if (fetched.kind === 'failed') return null
  const freshSeconds = boundLifetime(fetched.lifetimeSeconds)
  return { fetchedAt: ports.clock.now(), freshSeconds, json: fetched.json }
}

/** How a document stands at this location. */
interface Kept {
  readonly fetchedAt: number
  readonly freshSeconds: number
  readonly json: unknown
}

async function hold<Value>(
  document: RemoteDocument<Value>,
  shelf: Shelf<Value>,
  { fetchedAt, freshSeconds, json }: Kept,
): Promise<boolean> {
  const value = await document.parse(json)
  if (value === null) return false
  shelf.held = { value, fetchedAt, freshUntil: fetchedAt + freshSeconds * 1000 }
  return true
}

function keyOf({ kind, url }: RemoteDocument<unknown>): string {
  return `identity ${kind} ${url}`
}

function parseKept(text: string | null): Kept | null {
  if (text === null) return null
  try {
    return JSON.parse(text) as Kept
  } catch {
    return null
  }
}

function boundLifetime(seconds: number | null): number {
  return Math.min(MOST_FRESH_SECONDS, Math.max(LEAST_FRESH_SECONDS, seconds ?? FRESH_SECONDS))
}
