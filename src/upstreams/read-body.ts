/** Reads the body of a service's answer, within a bound of bytes and of time: a body that never ends hangs nobody. */
import { join } from '../http/read-up-to.ts'
import type { WaitEnd, Waits } from './waits.ts'

export type BodyRead =
  | { readonly kind: 'read'; readonly bytes: ArrayBuffer }
  /** As text, of bytes that were UTF-8. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'late' }
  /** The connection was lost on the way, or the call was called off. */
  | { readonly kind: 'broken' }
  /** It was to be UTF-8 and is not. */
  | { readonly kind: 'garbled' }

export interface BodyBounds {
  /** As the answer says it; null where it does not, or the body is encoded: then its length says nothing. */
  readonly length: number | null
  readonly maxBytes: number
  /** Milliseconds since 1970. */
  readonly endsAt: number
  readonly waits: Waits
  /** It is UTF-8, whatever mark it begins with: the runtime reads that as text for less than half of what bytes cost. */
  readonly isUtf8: boolean
}

// The runtime reads these at once; longer ones are read so that they can be called off on the way.
const MOST_AT_ONCE_BYTES = 65_536

/** What `use` makes of the body is what comes. */
export function readBody<Made>(
  response: Response,
  bounds: BodyBounds,
  use: (read: BodyRead) => Made,
): Promise<Made> {
  const { length } = bounds
  if (length !== null && length > bounds.maxBytes) {
    response.body?.cancel().catch(() => {})
    return Promise.resolve(use({ kind: 'too-large' }))
  }
  if (length === null || length > MOST_AT_ONCE_BYTES) return readChunks(response, bounds, use)
  const read = bounds.isUtf8 ? readText(response, length) : readBytes(response)
  return within(read, bounds, ignore, use)
}

function readBytes(response: Response): Promise<BodyRead> {
  return response.arrayBuffer().then((bytes) => ({ kind: 'read', bytes }))
}

function readText(response: Response, length: number): Promise<BodyRead> {
  return response.text().then((text) => {
    // The runtime puts U+FFFD where bytes are no text; where it was sent, text and bytes are of one length.
    const isGarbled = text.includes('\uFFFD') && !isLengthOf(text, length)
    return isGarbled ? { kind: 'garbled' } : { kind: 'text', text }
  })
}

const encoder = new TextEncoder()

/** A byte order mark is no part of the text. */
function isLengthOf(text: string, length: number): boolean {
  const { byteLength } = encoder.encode(text)
  return byteLength === length || byteLength + 3 === length
}

function readChunks<Made>(
  { body }: Response,
  bounds: BodyBounds,
  use: (read: BodyRead) => Made,
): Promise<Made> {
  if (body === null) return Promise.resolve(use({ kind: 'read', bytes: new ArrayBuffer(0) }))
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const stop = () => void reader.cancel().catch(() => {})
  return within(readAll(reader, bounds.maxBytes, stop), bounds, stop, use)
}

/** Bounded by `maxBytes`. */
async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  stop: () => void,
): Promise<BodyRead> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { kind: 'read', bytes: join(chunks, size) }
    size += value.byteLength
    if (size > maxBytes) {
      stop()
      return { kind: 'too-large' }
    }
    chunks.push(value)
  }
}

/** By hand: Promise.race costs more than most bodies. */
function within<Made>(
  read: Promise<BodyRead>,
  { endsAt, waits }: BodyBounds,
  stop: () => void,
  use: (read: BodyRead) => Made,
): Promise<Made> {
  if (waits.isOff) {
    stop()
    read.catch(ignore)
    return Promise.resolve(use(broken))
  }
  return new Promise((resolve, reject) => {
    function end(how: BodyRead): void {
      waits.over(wait)
      try {
        resolve(use(how))
      } catch (bug) {
        reject(bug)
      }
    }
    const wait = waits.begin(endsAt, (how: WaitEnd) => {
      stop()
      end(how === 'late' ? late : broken)
    })
    read.then(end, () => end(broken))
  })
}

const late: BodyRead = { kind: 'late' }
const broken: BodyRead = { kind: 'broken' }

function ignore(): void {}
