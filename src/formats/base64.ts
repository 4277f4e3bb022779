/** Bytes in a value: base64url without padding, as RFC 8949 §6.1 has them where JSON is to carry them. Pure. */
export function textOfBytes(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
