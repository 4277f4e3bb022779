/** Bytes to text: strictly, in any character set that the runtime's TextDecoder knows. Pure. */
import { decodeUtf8 } from '../http/utf8.ts'

/**
 * The text, or null where the bytes are not text in that set or nobody knows the set. A byte order mark says more than
 * the label (https://encoding.spec.whatwg.org/#decode, RFC 7303 §3.2); without either it is UTF-8.
 */
export function decodeText(bytes: ArrayBuffer, charset: string | null): string | null {
  const label = markedCharset(bytes) ?? charset ?? 'utf-8'
  if (label === 'utf-8') return decodeUtf8(bytes)
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return null
  }
}

/** The set that a byte order mark names. */
export function markedCharset(bytes: ArrayBuffer): string | null {
  const [first, second, third] = new Uint8Array(bytes, 0, Math.min(3, bytes.byteLength))
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return null
}
