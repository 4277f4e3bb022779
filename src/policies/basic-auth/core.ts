/** Reads `user-id ":" password` from the token of the Basic scheme (RFC 7617 §2). Pure. */
import { bytesOfBase64 } from '../../http/base64.ts'

export interface BasicCredentials {
  readonly user: string
  readonly password: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The name and password, or null where the token is no Base64 of UTF-8 text with a colon in it. */
export function parseBasic(token: string): BasicCredentials | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return null
  const pair = decode(token)
  const colon = pair?.indexOf(':') ?? -1
  if (pair === null || colon === -1 || /\p{Cc}/u.test(pair)) return null
  return { user: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

function decode(token: string): string | null {
  const bytes = bytesOfBase64(token)
  if (bytes === null) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}
