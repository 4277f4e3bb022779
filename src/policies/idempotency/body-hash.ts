/**
 * The SHA-256 of a request's body. A short body is read before the request goes on, which retries need anyway; a long
 * one, or one of unknown length, is hashed while it streams on, and never held.
 */
import { readOrReplay } from '../../http/read-up-to.ts'
import { hexOf } from '../../identity/equal.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { isShort } from './core.ts'

const MAX_READ_BYTES = 65_536 // What the call pipeline holds for a retry by default.

// FIPS 180-4: of no bytes at all. A body of none and no body ask for the same.
const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** What the runtime has and Node, where unit tests run, has not. */
interface Pipe {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}
interface Digest extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>
}
interface Runtime {
  readonly IdentityTransformStream: new () => Pipe
  readonly FixedLengthStream: new (bytes: number) => Pipe
  readonly crypto: { readonly DigestStream: new (algorithm: 'SHA-256') => Digest }
}
const runtime = globalThis as unknown as Runtime

/** The hash, or null for a body that has to be streamed. */
export async function readHash({ outgoing, received }: Exchange): Promise<string | null> {
  const { body } = outgoing
  if (body === null) return HASH_OF_NOTHING
  if (body instanceof ArrayBuffer) return hashOf(body)
  if (!isShort(received, MAX_READ_BYTES)) return null
  const read = await readOrReplay(body, MAX_READ_BYTES)
  outgoing.body = read.kind === 'whole' ? read.bytes : read.stream
  return read.kind === 'whole' ? hashOf(read.bytes) : null
}

/** Reads the body to its end for its hash alone: nobody gets it. Null where it breaks off. */
export async function drainHash({ outgoing }: Exchange): Promise<string | null> {
  const { body } = outgoing
  if (!(body instanceof ReadableStream)) return null
  outgoing.body = null
  const digest = new runtime.crypto.DigestStream('SHA-256')
  const result = digest.digest.then(toHex)
  try {
    await body.pipeTo(digest)
    return await result
  } catch {
    result.catch(() => {})
    return null
  }
}

/** Has the body hashed while it goes on. The function tells the hash once the body has gone to its end, else null. */
export function watchHash({ outgoing, received, ports }: Exchange): () => string | null {
  const { body } = outgoing
  if (!(body instanceof ReadableStream)) return () => null
  const length = received['content-length']
  const { readable, writable } =
    length !== undefined && /^\d{1,15}$/.test(length)
      ? new runtime.FixedLengthStream(Number(length))
      : new runtime.IdentityTransformStream()
  let hash: string | null = null
  // The hash is known before the end goes out: a service that answers the whole body finds it there.
  const pumped = pump(body, writable, (whole) => {
    hash = whole
  })
  ports.defer(pumped)
  outgoing.body = readable
  return () => hash
}

async function pump(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  tell: (hash: string) => void,
): Promise<void> {
  const digest = new runtime.crypto.DigestStream('SHA-256')
  const result = digest.digest.then(toHex)
  result.catch(() => {})
  const reader = body.getReader()
  const hasher = digest.getWriter()
  const out = writable.getWriter()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      await hasher.write(value)
      await out.write(value)
    }
    await hasher.close()
    tell(await result)
    await out.close()
  } catch (error) {
    // The client broke off, or the service wants no more: each side hears of the other.
    await Promise.allSettled([reader.cancel(error), hasher.abort(error), out.abort(error)])
  }
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', bytes))
}

function toHex(digest: ArrayBuffer): string {
  return hexOf(new Uint8Array(digest))
}
