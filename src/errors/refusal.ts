/** An expected "no": the value that a policy, the matcher or an upstream returns instead of an answer. */
import type { Code } from './catalogue.ts'

export interface Refusal {
  readonly kind: 'refused'
  readonly code: Code
  /** In the place of the status that the catalogue has for the code. */
  readonly status?: number
  /** One sentence for this occurrence. Never an internal address, a secret, or a value of a header or query. */
  readonly detail?: string
  /** Extension members of the problem (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, unknown>>
  /** Header fields that belong to this answer, such as Allow or Retry-After. */
  readonly headers?: Readonly<Record<string, string>>
  /** In kebab-case, for the operator's event alone: it stands there behind `refused:`. */
  readonly reason?: string
  /** Of a call to a service: how it failed, in the words of `retry.on` (ROUTES.md §4). */
  readonly failure?: Failure
  /** Of a call to a service: the status that it, or the network in its place, gave and that does not go out. */
  readonly upstreamStatus?: number
  /** The gateway itself failed the request before anything was sent: what its limits took returns (ROUTES.md §5). */
  readonly unsent?: true
  /** Of a call to a service: the body of the request was not begun, and is still there as the stream that it is. */
  readonly isBodyLeft?: true
}

/** `connect-failure`: nothing was sent. `reset`: lost after sending. `timeout`: no headers in time. */
export type Failure = 'connect-failure' | 'reset' | 'timeout'

/** Builds a refusal. */
export function refuse(code: Code, more: Omit<Refusal, 'kind' | 'code'> = {}): Refusal {
  return { kind: 'refused', code, ...more }
}
