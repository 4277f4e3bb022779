/**
 * Reads the fields of one protobuf message without knowing its type (protobuf.dev/programming-guides/encoding), for the
 * few messages that are needed before the protobuf library is. Pure.
 */

/** One field as it stands on the wire: bytes of a length-delimited one, the number of a varint, null of the others. */
export interface WireField {
  readonly no: number
  readonly bytes: Uint8Array | null
  readonly number: number | null
}

const VARINT = 0
const BIT64 = 1
const LENGTH = 2
const START_GROUP = 3
const END_GROUP = 4
const BIT32 = 5
const MAX_GROUPS = 32 // Groups were given up with proto2; nobody nests them deeper.

/** The fields in order, or null where the bytes are no message. */
export function readWire(bytes: Uint8Array): readonly WireField[] | null {
  const cursor = { bytes, at: 0 }
  const fields: WireField[] = []
  // Each turn takes at least one byte.
  while (cursor.at < bytes.length) {
    const tag = varint(cursor)
    if (tag === null || tag > 0xffff_ffff) return null
    const no = Math.floor(tag / 8)
    const read = no === 0 ? null : readValue(cursor, tag % 8, 0)
    if (read === null) return null
    fields.push({ no, ...read })
  }
  return fields
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

type Value = Pick<WireField, 'bytes' | 'number'>

const skipped: Value = { bytes: null, number: null }

function readValue(cursor: Cursor, type: number, groups: number): Value | null {
  switch (type) {
    case VARINT: {
      const number = varint(cursor)
      return number === null ? null : { bytes: null, number }
    }
    case BIT64:
      return take(cursor, 8) === null ? null : skipped
    case BIT32:
      return take(cursor, 4) === null ? null : skipped
    case LENGTH: {
      const length = varint(cursor)
      const bytes = length === null ? null : take(cursor, length)
      return bytes === null ? null : { bytes, number: null }
    }
    case START_GROUP:
      return groups < MAX_GROUPS ? skipGroup(cursor, groups + 1) : null
    default:
      return null
  }
}

function skipGroup(cursor: Cursor, groups: number): Value | null {
  for (;;) {
    const tag = varint(cursor)
    if (tag === null) return null
    if (tag % 8 === END_GROUP) return skipped
    if (readValue(cursor, tag % 8, groups) === null) return null
  }
}

function take(cursor: Cursor, length: number): Uint8Array | null {
  if (length > cursor.bytes.length - cursor.at) return null
  const taken = cursor.bytes.subarray(cursor.at, cursor.at + length)
  cursor.at += length
  return taken
}

/** Exact up to 2^53; what is larger is no length, tag or flag that anybody needs here. */
function varint(cursor: Cursor): number | null {
  let value = 0
  let factor = 1
  for (let count = 0; count < 10; count += 1) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) return null
    cursor.at += 1
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
    factor *= 128
  }
  return null
}

/** The text of a field; null where it is no UTF-8. */
export function textOf({ bytes }: WireField): string | null {
  if (bytes === null) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
