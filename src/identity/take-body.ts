/** Reads a request's body for a policy that verifies it; it goes on to the service as the bytes that were read. */
import { readOrReplay } from '../http/read-up-to.ts'
import type { Exchange } from '../pipeline/exchange.ts'

/** Whether the request has a body, as far as its head tells: a Content-Length of 0 is none (RFC 9110 §8.6). */
export function hasBody({ outgoing, received }: Pick<Exchange, 'outgoing' | 'received'>): boolean {
  if (outgoing.body === null) return false
  return received['content-length'] !== '0' || received['transfer-encoding'] !== undefined
}

/** The bytes, none for no body; null where there are more than the limit, and then all of them still go on. */
export async function takeBody(
  { outgoing, received }: Pick<Exchange, 'outgoing' | 'received'>,
  limitBytes: number,
): Promise<ArrayBuffer | null> {
  const { body } = outgoing
  if (body === null) return new ArrayBuffer(0)
  if (body instanceof ArrayBuffer) return body.byteLength > limitBytes ? null : body
  if (Number(received['content-length'] ?? 0) > limitBytes) return null
  const read = await readOrReplay(body, limitBytes)
  outgoing.body = read.kind === 'whole' ? read.bytes : read.stream
  return read.kind === 'whole' ? read.bytes : null
}
