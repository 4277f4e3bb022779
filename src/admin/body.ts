/** Reads the body of an admin request as text, up to a bound. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { bodyTooLarge, isEncoded, readChunks, readLength } from '../http/body.ts'
import type { AdminCall } from './call.ts'

export type BodyText =
  | { readonly kind: 'text'; readonly text: string }
  /** The bytes are no UTF-8. */
  | { readonly kind: 'undecodable' }
  | Refusal

export async function readText(call: AdminCall, limitBytes: number): Promise<BodyText> {
  const { request, received } = call
  if (isEncoded(received['content-encoding'])) return refuse('BODY_ENCODED')
  if ((readLength(received['content-length']) ?? 0) > limitBytes) return bodyTooLarge(limitBytes)
  if (request.body === null) return { kind: 'text', text: '' }

  // Decoded as it comes: a table may be so large that its bytes beside its text would fill an isolate.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const parts: string[] = []
  try {
    const isWhole = await readChunks(request.body, limitBytes, (chunk) => {
      parts.push(decoder.decode(chunk, { stream: true }))
    })
    if (!isWhole) return bodyTooLarge(limitBytes)
    parts.push(decoder.decode())
  } catch (error) {
    // The decoder throws a TypeError; anything else is a client that went away.
    if (!(error instanceof TypeError)) throw error
    return { kind: 'undecodable' }
  }
  return { kind: 'text', text: parts.join('') }
}
