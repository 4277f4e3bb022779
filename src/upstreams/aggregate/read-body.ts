/** Reads the body of a service's answer, within a bound of bytes and of time: a body that never ends hangs nobody. */
import { readLength } from '../../http/body.ts'
import { join } from '../../http/read-up-to.ts'
import type { Timers } from '../../platform/ports.ts'

export type BodyRead =
  | { readonly kind: 'read'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'late' }
  /** The connection was lost on the way, or the call was called off. */
  | { readonly kind: 'broken' }

export interface BodyBounds {
  readonly maxBytes: number
  /** From now. */
  readonly ms: number
  readonly timers: Timers
  readonly signal: AbortSignal
}

// The runtime reads these at once; longer ones are read so that they can be called off on the way.
const MOST_AT_ONCE_BYTES = 65_536

export function readBody(response: Response, bounds: BodyBounds): Promise<BodyRead> {
  const { body, headers } = response
  if (body === null) return Promise.resolve({ kind: 'read', bytes: new ArrayBuffer(0) })
  // Of an encoded body the length says nothing.
  const length = headers.has('content-encoding')
    ? null
    : readLength(headers.get('content-length') ?? undefined)
  if (length !== null && length > bounds.maxBytes) {
    body.cancel().catch(() => {})
    return Promise.resolve({ kind: 'too-large' })
  }
  if (length !== null && length <= MOST_AT_ONCE_BYTES) return readAtOnce(response, bounds)
  return readChunks(body, bounds)
}

function readAtOnce(response: Response, bounds: BodyBounds): Promise<BodyRead> {
  const read = response.arrayBuffer().then((bytes): BodyRead => ({ kind: 'read', bytes }))
  return within(read, bounds, () => {})
}

function readChunks(body: ReadableStream, bounds: BodyBounds): Promise<BodyRead> {
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const stop = () => void reader.cancel().catch(() => {})
  return within(readAll(reader, bounds.maxBytes, stop), bounds, stop)
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
function within(
  read: Promise<BodyRead>,
  { ms, timers, signal }: BodyBounds,
  stop: () => void,
): Promise<BodyRead> {
  if (signal.aborted) {
    stop()
    read.catch(() => {})
    return Promise.resolve({ kind: 'broken' })
  }
  return new Promise((resolve) => {
    const alarm = timers.after(Math.max(0, ms))
    function end(how: BodyRead): void {
      alarm.cancel()
      signal.removeEventListener('abort', leave)
      resolve(how)
    }
    function leave(): void {
      stop()
      end({ kind: 'broken' })
    }
    signal.addEventListener('abort', leave)
    alarm.done.then(() => {
      stop()
      end({ kind: 'late' })
    })
    read.then(end, () => end({ kind: 'broken' }))
  })
}
