/**
 * Answers in KV, for the world: one value per answer, its head in front of its body; beside it only when it ends and
 * what purges were known. Late and best effort: KV shows a write elsewhere after up to a minute, takes one write a
 * second for a key, and remembers for 30 s that there was nothing.
 */
import type { AnswerStore, StoredAnswer } from '../../cache/answer.ts'
import {
  encodingOf,
  frameHead,
  headLength,
  headOfRead,
  LENGTH_BYTES,
  MAX_HEAD_BYTES,
  readHead,
} from '../../cache/frame.ts'
import { readWhole } from '../../cache/land.ts'
import type { Clock, Memories } from '../ports.ts'

export interface GlobalAnswerParts {
  readonly kv: KVNamespace
  readonly clock: Clock
  readonly memories: Memories
}

/** Beside a value: milliseconds since 1970 after which it is over, by our clock, and the generation of its head. */
interface Beside {
  readonly until: number
  readonly generation: number
}

// KV's limits (developers.cloudflare.com/kv/platform/limits).
const MAX_VALUE_BYTES = 25 * 1024 * 1024
const MAX_KEY_BYTES = 512
const MIN_KEEP_SECONDS = 60
// A location may keep its copy for as long as the least that an entry is fresh.
const CACHE_TTL_SECONDS = 60
// A body of unknown length is held in memory until it is whole, and an isolate has 128 MB for all its requests.
const MAX_UNKNOWN_BYTES = 5 * 1024 * 1024
// A pump of the runtime's costs more than the bytes of most answers.
const MAX_READ_BYTES = 256 * 1024
// What this isolate wrote a moment ago is not written again: whatever is fresh for a minute serves for a minute.
const WRITE_EVERY_MS = 60_000
const MAX_REMEMBERED_WRITES = 4_096

export function bindGlobalAnswers({ kv, clock, memories }: GlobalAnswerParts): AnswerStore {
  const written = () => memories.of<number>('cache:written', MAX_REMEMBERED_WRITES)
  return {
    async get(key) {
      try {
        const options = { type: 'stream', cacheTtl: CACHE_TTL_SECONDS } as const
        const { value, metadata } = await kv.getWithMetadata<Beside>(nameOf(key), options)
        if (value === null) return 'absent'
        const isOver = !(typeof metadata?.until === 'number' && metadata.until > clock.now())
        const answer = isOver ? null : await unframe(value)
        if (answer !== null) return answer
        await value.cancel()
        return 'absent'
      } catch {
        return 'fault'
      }
    },

    async put(key, answer, keepSeconds) {
      const seconds = Math.floor(keepSeconds)
      const name = nameOf(key)
      const now = clock.now()
      const value = await frame(answer, () => {
        const isShort = seconds < MIN_KEEP_SECONDS || name.length > MAX_KEY_BYTES
        // After a purge what stands there is dead, and written again at once.
        return isShort || (written().get(key, now) ?? -1) >= answer.head.generation
      })
      if (value === null) return 'refused'
      written().set(key, answer.head.generation, now + WRITE_EVERY_MS)
      const metadata: Beside = {
        until: now + seconds * 1_000,
        generation: answer.head.generation,
      }
      try {
        const write = kv.put(name, value.body, { metadata, expirationTtl: seconds })
        await Promise.all([write, value.sent])
        return 'stored'
      } catch (error) {
        written().delete(key)
        // Of a body that broke off KV may have kept a part.
        if (value.body instanceof ReadableStream) await kv.delete(name).catch(() => {})
        return isRefusal(error) ? 'refused' : 'fault'
      }
    },

    async delete(key) {
      written().delete(key)
      try {
        await kv.delete(nameOf(key))
      } catch {
        // It ends by itself, and a purge can be sure of it.
      }
    },
  }
}

function nameOf(key: string): string {
  return `answer:${key}`
}

interface Framed {
  readonly body: ArrayBuffer | ReadableStream
  /** Settles once the body has gone into the value. */
  readonly sent: Promise<void>
}

/** The value of an answer, or null where it cannot be one: then its body is called off. */
async function frame(answer: StoredAnswer, isRefused: () => boolean): Promise<Framed | null> {
  const { body } = answer
  const head = body === null ? answer.head : headOfRead(answer.head)
  if (isRefused()) return callOff(body)
  if (body instanceof ReadableStream && head.length !== null && encodingOf(head) === null) {
    const front = frameHead(head, head.length)
    return isTooLong(front, head.length) ? callOff(body) : streamed(front, head.length, body)
  }
  const bytes = body instanceof ReadableStream ? await readWhole(body, MAX_UNKNOWN_BYTES) : body
  // Of a stream there was too much, or it broke off.
  if (bytes === null && body !== null) return null
  const front = frameHead(head, bytes === null ? false : bytes.byteLength)
  if (isTooLong(front, bytes?.byteLength ?? 0)) return null
  return { body: bytes === null ? front.buffer : joined(front, bytes), sent: Promise.resolve() }
}

function isTooLong(front: Uint8Array, bodyBytes: number): boolean {
  return front.byteLength > MAX_HEAD_BYTES || front.byteLength + bodyBytes > MAX_VALUE_BYTES
}

async function callOff(body: StoredAnswer['body']): Promise<null> {
  if (body instanceof ReadableStream) await body.cancel().catch(() => {})
  return null
}

function joined(front: Uint8Array<ArrayBuffer>, bytes: ArrayBuffer): ArrayBuffer {
  const value = new Uint8Array(front.byteLength + bytes.byteLength)
  value.set(front)
  value.set(new Uint8Array(bytes), front.byteLength)
  return value.buffer
}

/** KV has to know the length beforehand; nothing of the body is held here. */
function streamed(front: Uint8Array, length: number, body: ReadableStream): Framed {
  const { readable, writable } = new FixedLengthStream(front.byteLength + length)
  return { body: readable, sent: send(front, body, writable) }
}

async function send(front: Uint8Array, body: ReadableStream, to: WritableStream): Promise<void> {
  const writer = to.getWriter()
  await writer.write(front)
  writer.releaseLock()
  await body.pipeTo(to)
}

/** The answer in a value. A small body is read, and of a large one the rest of the stream is left. Null: no frame. */
async function unframe(value: ReadableStream): Promise<StoredAnswer | null> {
  const reader = value.getReader({ mode: 'byob' })
  try {
    const front = await take(reader, LENGTH_BYTES)
    const length = front === null ? null : headLength(front)
    const text = length === null ? null : await take(reader, length)
    const read = text === null ? null : readHead(new TextDecoder().decode(text))
    if (read === null) return null
    const { head, body } = read
    if (typeof body === 'boolean') return body ? null : { head, body: null }
    if (body > MAX_READ_BYTES) {
      reader.releaseLock()
      // A stream of which something was read can be no body. Its bytes do not pass through here.
      return { head, body: value.pipeThrough(new FixedLengthStream(body)) }
    }
    const bytes = body === 0 ? new ArrayBuffer(0) : (await take(reader, body))?.buffer
    return bytes === undefined ? null : { head, body: bytes }
  } finally {
    reader.releaseLock()
  }
}

async function take(
  reader: ReadableStreamBYOBReader,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { value } = await reader.readAtLeast(bytes, new Uint8Array(bytes))
  return value?.byteLength === bytes ? value : null
}

/** Too large, or too soon after another write of the same key. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /413|429/.test(error.message)
}
