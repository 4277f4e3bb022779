/**
 * Base64 as gRPC-Web's text form has it: pieces that were encoded each by themselves, so padding may stand anywhere
 * between two of them (grpc/doc/PROTOCOL-WEB.md). Pure.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PADDING = 61 // "="

/** Decodes piece by piece; null where the text is no base64. Line breaks are passed over. */
export interface Base64Reader {
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer> | null
  /** Whether nothing of a group of four is left over. */
  readonly isWhole: boolean
}

export function makeBase64Reader(): Base64Reader {
  let group = 0
  let count = 0
  let padding = 0
  return {
    push(chunk) {
      const bytes = new Uint8Array(Math.ceil(((chunk.length + 3) * 3) / 4))
      let at = 0
      for (const character of chunk) {
        if (character === 10 || character === 13) continue
        const value = digitOf(character)
        if (character === PADDING) {
          padding += 1
          if (count < 2) return null
        } else if (value === null || padding > 0) return null
        group = group * 64 + (value ?? 0)
        count += 1
        if (count < 4) continue
        for (let index = 0; index < 3 - padding; index += 1) {
          bytes[at] = (group >> (16 - 8 * index)) & 0xff
          at += 1
        }
        group = 0
        count = 0
        padding = 0
      }
      return bytes.subarray(0, at)
    },
    get isWhole() {
      return count === 0
    },
  }
}

function digitOf(character: number): number | null {
  if (character >= 65 && character <= 90) return character - 65
  if (character >= 97 && character <= 122) return character - 71
  if (character >= 48 && character <= 57) return character + 4
  if (character === 43) return 62
  return character === 47 ? 63 : null
}

/** The bytes as base64 with padding, as the ASCII bytes that go on the wire. */
export function encodeBase64(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoded = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING)
  let at = 0
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index
    const group =
      ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
    for (let digit = 0; digit <= Math.min(left, 3); digit += 1) {
      encoded[at + digit] = alphabet.charCodeAt((group >> (18 - 6 * digit)) & 63)
    }
    at += 4
  }
  return encoded
}

/** The bytes of a whole text, with or without padding, also in its URL-safe letters; null where it is none. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  const padded = plain.includes('=') ? plain : plain + '='.repeat((4 - (plain.length % 4)) % 4)
  const reader = makeBase64Reader()
  const bytes = reader.push(new TextEncoder().encode(padded))
  return bytes !== null && reader.isWhole ? bytes : null
}
