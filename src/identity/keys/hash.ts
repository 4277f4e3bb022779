/** What stands in the store in the place of a key. */

/**
 * SHA-256 of a key in lower-case hex. A fast hash is enough: a key has 160 random bits, so nobody can try them.
 * The hash is the look-up key, so nothing secret is compared byte by byte: how long a look-up takes tells of a
 * hash that the caller cannot choose, and no comparison in constant time is needed.
 */
export async function hashOfKey(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
