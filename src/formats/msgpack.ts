/**
 * MessagePack as far as JSON can say it: integers are safe ones, binary becomes base64url text, extension types are
 * refused. The bytes are checked before the library makes anything of them (msgpack-check.ts). Pure.
 */
import { decode, encode } from '@msgpack/msgpack'
import { base64urlOf } from '../http/base64.ts'
import { exactBuffer } from './cbor.ts'
import { type Decoded, type Encoded, invalid, MAX_DEPTH, put } from './format.ts'
import { checkMsgpack } from './msgpack-check.ts'

export function readMsgpack(bytes: ArrayBuffer): Decoded {
  const data = new Uint8Array(bytes)
  const checked = checkMsgpack(data)
  if (checked.kind === 'invalid') return checked
  try {
    const value = decode(data)
    return { kind: 'value', value: checked.hasBinary ? withoutBinary(value) : value }
  } catch {
    // Such as `__proto__` for a key, which the library refuses.
    return invalid('it is no MessagePack that a value of JSON stands for')
  }
}

export function writeMsgpack(value: unknown): Encoded {
  try {
    const bytes = encode(value === undefined ? null : value, {
      ignoreUndefined: true,
      maxDepth: MAX_DEPTH,
    })
    return { kind: 'bytes', bytes: exactBuffer(bytes) }
  } catch {
    return invalid('the value is none of MessagePack')
  }
}

/** No deeper than MAX_DEPTH: the check has seen it. */
function withoutBinary(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64urlOf(value)
  if (Array.isArray(value)) return value.map(withoutBinary)
  if (typeof value !== 'object' || value === null) return value
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) put(fields, name, withoutBinary(field))
  return fields
}
