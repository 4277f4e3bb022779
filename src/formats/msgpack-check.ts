/**
 * Whether bytes are one value of MessagePack, before the library reads them: it makes a list of the length that a header
 * claims at once, so that a few bytes could take all memory. One pass over the headers. Pure.
 */
import { type Invalid, invalid, MAX_DEPTH } from './format.ts'

export type Checked = { readonly kind: 'sound'; readonly hasBinary: boolean } | Invalid

export function checkMsgpack(bytes: Uint8Array): Checked {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  /** What is still to come on each level that is open. */
  const left: number[] = [1]
  /** The same of all levels together: each needs a byte at least. */
  let pending = 1
  let at = 0
  let hasBinary = false
  while (left.length > 0) {
    if (pending > bytes.length - at) return invalid('it ends before all is there that it claims')
    const head = headAt(view, at)
    if (head === null) return invalid('it has a type or a number that JSON has not')
    at += head.size
    if (head.bytes > bytes.length - at) return invalid('it ends before all is there that it claims')
    if (head.kind === 'text' && !isUtf8(bytes, at, at + head.bytes, utf8)) {
      return invalid('it has text that is no UTF-8')
    }
    hasBinary ||= head.kind === 'binary'
    at += head.bytes
    pending += head.items - 1
    close(left)
    if (head.items > 0 && left.push(head.items) > MAX_DEPTH + 1) {
      return invalid(`it is nested more than ${MAX_DEPTH} levels deep`)
    }
    while (left.at(-1) === 0) left.pop()
  }
  return at === bytes.length ? { kind: 'sound', hasBinary } : invalid('it has bytes behind its end')
}

/** One thing of the innermost level has begun. */
function close(left: number[]): void {
  const top = left.length - 1
  left[top] = (left[top] ?? 0) - 1
}

function isUtf8(bytes: Uint8Array, start: number, end: number, utf8: TextDecoder): boolean {
  let at = start
  while (at < end && (bytes[at] ?? 0) < 0x80) at++
  if (at === end) return true
  try {
    utf8.decode(bytes.subarray(start, end))
    return true
  } catch {
    return false
  }
}

interface Head {
  readonly kind: 'scalar' | 'text' | 'binary' | 'list'
  /** Bytes of the head itself, and of what follows it and is no value. */
  readonly size: number
  readonly bytes: number
  /** Values inside: two for each entry of a map. */
  readonly items: number
}

const scalar = (size: number): Head => ({ kind: 'scalar', size, bytes: 0, items: 0 })
const text = (size: number, bytes: number): Head => ({ kind: 'text', size, bytes, items: 0 })
const binary = (size: number, bytes: number): Head => ({ kind: 'binary', size, bytes, items: 0 })
const list = (size: number, items: number): Head => ({ kind: 'list', size, bytes: 0, items })

/** https://github.com/msgpack/msgpack/blob/master/spec.md#formats; null for what is not taken. */
function headAt(view: DataView, at: number): Head | null {
  const byte = view.getUint8(at)
  if (byte < 0x80 || byte >= 0xe0) return scalar(1)
  if (byte < 0x90) return list(1, 2 * (byte & 0x0f))
  if (byte < 0xa0) return list(1, byte & 0x0f)
  if (byte < 0xc0) return text(1, byte & 0x1f)
  if (at + sizeOf(byte) > view.byteLength) return null
  switch (byte) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return scalar(1)
    case 0xc4:
      return binary(2, view.getUint8(at + 1))
    case 0xc5:
      return binary(3, view.getUint16(at + 1))
    case 0xc6:
      return binary(5, view.getUint32(at + 1))
    case 0xca:
      return Number.isFinite(view.getFloat32(at + 1)) ? scalar(5) : null
    case 0xcb:
      return Number.isFinite(view.getFloat64(at + 1)) ? scalar(9) : null
    case 0xcc:
    case 0xd0:
      return scalar(2)
    case 0xcd:
    case 0xd1:
      return scalar(3)
    case 0xce:
    case 0xd2:
      return scalar(5)
    case 0xcf:
      return isSafe(view.getBigUint64(at + 1)) ? scalar(9) : null
    case 0xd3:
      return isSafe(view.getBigInt64(at + 1)) ? scalar(9) : null
    case 0xd9:
      return text(2, view.getUint8(at + 1))
    case 0xda:
      return text(3, view.getUint16(at + 1))
    case 0xdb:
      return text(5, view.getUint32(at + 1))
    case 0xdc:
      return list(3, view.getUint16(at + 1))
    case 0xdd:
      return list(5, view.getUint32(at + 1))
    case 0xde:
      return list(3, 2 * view.getUint16(at + 1))
    case 0xdf:
      return list(5, 2 * view.getUint32(at + 1))
    default:
      // 0xc1 is never used; the rest are extension types.
      return null
  }
}

/** Bytes of the longest head of a kind, so that all of it can be read: 9 where eight bytes follow. */
function sizeOf(byte: number): number {
  if (byte === 0xcb || byte === 0xcf || byte === 0xd3) return 9
  if ([0xc6, 0xca, 0xce, 0xd2, 0xdb, 0xdd, 0xdf].includes(byte)) return 5
  if ([0xc5, 0xcd, 0xd1, 0xda, 0xdc, 0xde].includes(byte)) return 3
  return [0xc4, 0xcc, 0xd0, 0xd9].includes(byte) ? 2 : 1
}

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value))
}
