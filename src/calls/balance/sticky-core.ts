/** The cookie that binds a client to a target: whom it names, and how it is written. Pure. */
import { base64urlOf } from '../../http/base64.ts'
import { isUsable, type TargetView } from './standing.ts'

/** What is signed to name a target. No part can hold a NUL, so no two targets have the same. */
export function namedText(upstream: string, url: string): string {
  return `sticky\0${upstream}\0${url}`
}

/** The name of a target in a cookie: as many bytes of the signature as nobody can guess, in base64url. */
export function nameOf(signature: ArrayBuffer): string {
  return base64urlOf(new Uint8Array(signature, 0, NAME_BYTES))
}

const NAME_BYTES = 16 // 128 bits: half of the signature, as RFC 2104 §5 allows.

/** Whether a client that is bound to this target may go on calling it. A draining one keeps its own. */
export function isHeld(
  target: TargetView,
  { now, tried }: { readonly now: number; readonly tried: ReadonlySet<string> | null },
): boolean {
  if (tried?.has(target.url)) return false
  return target.standing === 'draining' || isUsable(target, now)
}

export interface CookieForm {
  readonly name: string
  /** Null lasts until the browser is closed. */
  readonly ttlSeconds: number | null
}

/** The value of Set-Cookie (RFC 6265 §4.1). */
export function cookieText(
  { name, ttlSeconds }: CookieForm,
  value: string,
  secure: boolean,
): string {
  const age = ttlSeconds === null ? '' : `; Max-Age=${ttlSeconds}`
  return `${name}=${value}; Path=/${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}
