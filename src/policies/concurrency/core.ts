/** How long a request keeps its slot: until its answer has ended, as far as there is something to wait for. Pure. */

/** What is known of an answer when its headers are there. */
export interface SeenAnswer {
  /** Whether a service was called: what the gateway answers by itself is there at once. */
  readonly called: boolean
  readonly upgraded: boolean
  readonly hasBody: boolean
  /** The field Content-Length, or null. */
  readonly length: string | null
}

/** `answer`: the slot is free when the headers are there; else when the body or the WebSocket has ended. */
export type Hold = 'answer' | 'body' | 'socket'

export function decideHold({ called, upgraded, hasBody, length }: SeenAnswer): Hold {
  if (upgraded) return 'socket'
  return called && hasBody && length !== '0' ? 'body' : 'answer'
}

/**
 * How many bytes a wrapped body will have, or null where that is not known: the runtime decodes an encoded body
 * when it is piped, and encodes it anew.
 */
export function lengthToKeep(length: string | null, encoding: string | null): number | null {
  if (encoding !== null && encoding.toLowerCase() !== 'identity') return null
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null
}

/** Codes that a peer may not send: they say that no code came, or no close at all (RFC 6455 §7.4.1). */
export function closeCodeToSend(code: number): number {
  return code === 1005 || code === 1006 || code === 1015 ? 1000 : code
}
