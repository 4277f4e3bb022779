/** Reads the body of an admin request as text, up to a bound. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { AdminCall } from './call.ts'

export type BodyText =
  | { readonly kind: 'text'; readonly text: string }
  /** The bytes are no UTF-8. */
  | { readonly kind: 'undecodable' }
  | Refusal

export async function readText(call: AdminCall, limitBytes: number): Promise<BodyText> {
  const { request, received } = call
  const encoding = received['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding !== 'identity') return refuse('BODY_ENCODED')
  if (Number(received['content-length'] ?? 0) > limitBytes) return tooLarge(limitBytes)
  if (request.body === null) return { kind: 'text', text: '' }

  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const reader = (request.body as ReadableStream<Uint8Array>).getReader()
  const parts: string[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.byteLength
      if (size > limitBytes) {
        await reader.cancel()
        return tooLarge(limitBytes)
      }
      parts.push(decoder.decode(value, { stream: true }))
    }
    parts.push(decoder.decode())
  } catch (error) {
    // The decoder throws a TypeError; anything else is a client that went away.
    if (!(error instanceof TypeError)) throw error
    await reader.cancel()
    return { kind: 'undecodable' }
  }
  return { kind: 'text', text: parts.join('') }
}

function tooLarge(limitBytes: number): Refusal {
  return refuse('BODY_TOO_LARGE', {
    detail: `A body here may have at most ${limitBytes} bytes.`,
    members: { limitBytes },
  })
}
