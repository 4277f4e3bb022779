/** Brings an answer into the form in which an object hands it to followers: its body as bytes, if they are few enough. */
import { readUpTo } from '../http/read-up-to.ts'
import type { StoredAnswer } from './answer.ts'
import { type LandedAnswer, MAX_SHARED_BYTES } from './fill-book.ts'
import { headOfRead } from './frame.ts'

/** Null where the body is too large, or broke off. */
export async function readLanded({ head, body }: StoredAnswer): Promise<LandedAnswer | null> {
  if (body === null) return { head, bytes: null }
  if (body instanceof ArrayBuffer) {
    return body.byteLength > MAX_SHARED_BYTES ? null : { head: headOfRead(head), bytes: body }
  }
  const bytes = await readWhole(body, MAX_SHARED_BYTES)
  return bytes === null ? null : { head: headOfRead(head), bytes }
}

/** All bytes of a stream; null where there are more than the limit, or it broke off: what is not whole is not kept. */
export async function readWhole(
  body: ReadableStream,
  limitBytes: number,
): Promise<ArrayBuffer | null> {
  try {
    return await readUpTo(body, limitBytes)
  } catch {
    return null
  }
}

/** How many objects there are: as many as there are shards of buckets, each of a thousand calls a second. */
const SHARDS = 256

/**
 * The object of a key. Keys are made of what clients send: an object for each would let them make objects without
 * end. FNV-1a; keys are hashes already, so that nobody can choose many for one object.
 */
export function fillObjectOf(key: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return `fill-${(hash >>> 0) % SHARDS}`
}
