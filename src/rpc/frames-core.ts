/**
 * Messages of gRPC-Web and of Connect's streams on the wire: a byte of flags, four of length, the message
 * (grpc/doc/PROTOCOL-WEB.md; connectrpc.com/docs/protocol). Pure.
 */

export interface Frame {
  /** The last of a stream: trailers of gRPC-Web, the end message of Connect. */
  readonly isLast: boolean
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** In kebab-case, for the operator's event. */
export type FrameProblem =
  | 'frame-flags'
  | 'frame-compressed'
  | 'frame-after-end'
  | 'frame-too-large'

export interface Frames {
  readonly frames: readonly Frame[]
  /** What came behind them and is no frame; null where all is well. */
  readonly problem: FrameProblem | null
}

const HEAD_BYTES = 5
const COMPRESSED = 0x01
/** Which flag marks the last frame. */
export const lastFlags = { 'grpc-web': 0x80, connect: 0x02 } as const
export type Framing = keyof typeof lastFlags

/** Takes a stream apart, whatever its chunks are. */
export interface FrameReader {
  /** The frames that this chunk completes. After a problem nothing more may be pushed. */
  push(chunk: Uint8Array): Frames
  /** Whether all that came were whole frames, the last one among them. */
  readonly isWhole: boolean
}

export function makeFrameReader(framing: Framing, maxBytes: number): FrameReader {
  const last = lastFlags[framing]
  const waiting = makeQueue()
  let head: Head | null = null
  let isOver = false
  return {
    push(chunk) {
      waiting.add(chunk)
      const frames: Frame[] = []
      // Each turn takes a head or a message off what waits.
      for (;;) {
        if (isOver) return { frames, problem: waiting.size > 0 ? 'frame-after-end' : null }
        if (head === null) {
          if (waiting.size < HEAD_BYTES) return { frames, problem: null }
          const read = readHead(waiting.take(HEAD_BYTES), last)
          if (typeof read === 'string') return { frames, problem: read }
          if (read.length > maxBytes) return { frames, problem: 'frame-too-large' }
          head = read
        }
        if (waiting.size < head.length) return { frames, problem: null }
        frames.push({ isLast: head.isLast, bytes: waiting.take(head.length) })
        isOver = head.isLast
        head = null
      }
    },
    get isWhole() {
      return isOver && waiting.size === 0
    },
  }
}

interface Head {
  readonly isLast: boolean
  readonly length: number
}

function readHead(bytes: Uint8Array<ArrayBuffer>, last: number): Head | FrameProblem {
  const view = new DataView(bytes.buffer)
  const flags = view.getUint8(0)
  if ((flags & ~(last | COMPRESSED)) !== 0) return 'frame-flags'
  // Nothing was said to accept compression, so nothing may be compressed.
  if ((flags & COMPRESSED) !== 0) return 'frame-compressed'
  return { isLast: (flags & last) !== 0, length: view.getUint32(1) }
}

/** One message with its head. */
export function frame(bytes: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(HEAD_BYTES + bytes.length)
  const view = new DataView(framed.buffer)
  view.setUint8(0, flags)
  view.setUint32(1, bytes.length)
  framed.set(bytes, HEAD_BYTES)
  return framed
}

/** Chunks that wait; each byte is copied once. */
function makeQueue() {
  let chunks: Uint8Array[] = []
  let size = 0
  return {
    add(chunk: Uint8Array): void {
      if (chunk.length === 0) return
      chunks.push(chunk)
      size += chunk.length
    },
    get size() {
      return size
    },
    /** There are as many. */
    take(count: number): Uint8Array<ArrayBuffer> {
      const taken = new Uint8Array(count)
      let at = 0
      let used = 0
      while (at < count) {
        const chunk = chunks[used] as Uint8Array
        const part = chunk.subarray(0, count - at)
        taken.set(part, at)
        at += part.length
        if (part.length < chunk.length) chunks[used] = chunk.subarray(part.length)
        else used += 1
      }
      if (used > 0) chunks = chunks.slice(used)
      size -= count
      return taken
    },
  }
}
