/** What can be said of a body before it is read, and how it is read within a bound. */
import { type Refusal, refuse } from '../errors/refusal.ts'

/** The number in a Content-Length field, or null: a text that is no number is not believed. */
export function readLength(field: string | undefined): number | null {
  // Fifteen digits are exact in a number; more bytes than that are in no body.
  return field !== undefined && /^[0-9]{1,15}$/.test(field) ? Number(field) : null
}

/** Whether a body is under another coding than none (RFC 9110 §8.4.1). */
export function isEncoded(field: string | null | undefined): boolean {
  if (field === undefined || field === null) return false
  const text = field.trim().toLowerCase()
  return text !== '' && text !== 'identity'
}

/** Gives each chunk to `take`. False as soon as there are more bytes than the limit: the rest is not read. */
export async function readChunks(
  stream: ReadableStream,
  limitBytes: number,
  take: (chunk: Uint8Array) => void,
): Promise<boolean> {
  const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return true
      size += value.byteLength
      if (size > limitBytes) return false
      take(value)
    }
  } finally {
    // Also where `take` threw: what nobody reads would hold the connection.
    await reader.cancel()
  }
}

/**
 * Lets go of a body that nobody reads: it would hold its connection. Nobody waits for that: of a copy the promise is
 * kept only once the other copy is read or let go of too.
 */
export function discardBody(body: ReadableStream | ArrayBuffer | null): void {
  if (body instanceof ReadableStream && !body.locked) body.cancel().catch(() => {})
}

export function bodyTooLarge(maxBytes: number): Refusal {
  return refuse('BODY_TOO_LARGE', {
    detail: `A body may have at most ${maxBytes} bytes here.`,
    members: { maxBytes },
  })
}
