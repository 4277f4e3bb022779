/** Bytes as text in base64 (RFC 4648), by what the runtime has for it, and back. Pure. */

// Bytes at a time: a function takes some 65,000 arguments in V8.
const PIECE = 8_192

/** With padding, in the letters of §4. */
export function base64Of(bytes: Uint8Array): string {
  if (bytes.length <= PIECE) return btoa(String.fromCharCode(...bytes))
  let binary = ''
  for (let at = 0; at < bytes.length; at += PIECE) {
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  }
  return btoa(binary)
}

/** Without padding, in the letters of §5. */
export function base64urlOf(bytes: Uint8Array): string {
  return base64Of(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The bytes of a text with or without padding, in the letters of §4; null where it is none. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
