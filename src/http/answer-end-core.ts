/** What tells that an answer has ended, and what a watch over it may not change. Pure. */

/** What is known of an answer when its headers are there. */
export interface SeenAnswer {
  readonly upgraded: boolean
  readonly hasBody: boolean
  /** The field Content-Length, or null. */
  readonly length: string | null
}

/** `headers`: nothing comes behind them; else the answer ends with its body, or with its WebSocket. */
export type AnswerEnd = 'headers' | 'body' | 'socket'

export function decideEnd({ upgraded, hasBody, length }: SeenAnswer): AnswerEnd {
  if (upgraded) return 'socket'
  return hasBody && length !== '0' ? 'body' : 'headers'
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
