/** Decides from the head of a request whether it is too large. Pure; a body of unknown length is the policy's to count. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { bodyTooLarge, readLength } from '../../http/body.ts'
import type { Fields } from '../../http/headers.ts'

/** Infinity where there is no limit. */
export interface SizeLimits {
  readonly maxTargetBytes: number
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
}

/** The parts of a request whose sizes are known before its body was read. */
export interface SizedHead {
  /** Path and query; both are ASCII, so that characters are bytes. */
  readonly targetBytes: number
  readonly headers: Readonly<Fields>
}

export type SizeVerdict = { readonly kind: 'within' } | { readonly kind: 'uncounted' } | Refusal

const within: SizeVerdict = Object.freeze({ kind: 'within' })
const uncounted: SizeVerdict = Object.freeze({ kind: 'uncounted' })

/** `uncounted` where nothing says how long the body is; `bodyBytes` is 0 for none, null for unknown. */
export function judgeSize(
  head: SizedHead,
  bodyBytes: number | null,
  limits: SizeLimits,
): SizeVerdict {
  if (head.targetBytes > limits.maxTargetBytes) {
    return refuse('TARGET_TOO_LONG', { members: { maxBytes: limits.maxTargetBytes } })
  }
  if (
    limits.maxHeaderBytes !== Number.POSITIVE_INFINITY &&
    headerBytes(head.headers, limits.maxHeaderBytes) > limits.maxHeaderBytes
  ) {
    return refuse('HEADERS_TOO_LARGE', { members: { maxBytes: limits.maxHeaderBytes } })
  }
  if (limits.maxBodyBytes === Number.POSITIVE_INFINITY) return within
  if (bodyBytes === null) return uncounted
  return bodyBytes > limits.maxBodyBytes ? bodyTooLarge(limits.maxBodyBytes) : within
}

/** What Content-Length says, or null. With Transfer-Encoding it says nothing (RFC 9112 §6.3). */
export function declaredLength(headers: Readonly<Fields>): number | null {
  return headers['transfer-encoding'] === undefined ? readLength(headers['content-length']) : null
}

const FIELD_OVERHEAD = 4 // ": " and the line break of HTTP/1.1 (RFC 9112 §5)

/** Stops counting once past `most`, so that a huge section costs no more than one at the limit. */
function headerBytes(headers: Readonly<Fields>, most: number): number {
  let bytes = 0
  for (const name in headers) {
    bytes += name.length + headers[name]!.length + FIELD_OVERHEAD
    if (bytes > most) break
  }
  return bytes
}
