/** The version of a table: 16 hex digits of the SHA-256 of its text. The same text is the same version everywhere. */

/** 64 bits: two of the 500 versions that are remembered meet by chance once in 10^14 tables. */
const DIGITS = 16

export async function versionOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  let hex = ''
  for (const byte of new Uint8Array(digest)) hex += byte.toString(16).padStart(2, '0')
  return hex.slice(0, DIGITS)
}
