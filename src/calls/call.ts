/** One call of an upstream, and the type of what wraps it. Answers that failed are refusals, never exceptions. */
import type { Fields } from '../http/headers.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'

export interface Target {
  /** Index in the upstream's list: the `target` of the event. */
  readonly index: number
  /** `scheme://host[:port]` and the base path, without a slash at the end; for a binding the base path alone. */
  readonly base: string
  /** The service binding's name, or null for http(s). */
  readonly binding: string | null
  readonly weight: number
}

export interface Call {
  readonly exchange: Exchange
  readonly upstream: string
  target: Target
  readonly method: string
  /** Encoded path and query. */
  readonly path: string
  readonly headers: Fields
  /** Bytes in the place of a stream where something had to read it (a hash of it is signed, for one). */
  body: ReadableStream | ArrayBuffer | null
  signal: AbortSignal | null
}

/** Sends a call, or does something around it. */
export type Send = (call: Call) => Promise<Answer>
