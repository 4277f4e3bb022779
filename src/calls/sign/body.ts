/** The body of a call as bytes, for signatures that cover it: read once, up to a limit, and then sent as read. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { readUpTo } from '../../http/read-up-to.ts'
import type { Call } from '../call.ts'

export const DEFAULT_BODY_LIMIT_BYTES = 1_048_576

const nothing = new ArrayBuffer(0)

export async function readBytes(call: Call, limitBytes: number): Promise<ArrayBuffer | Refusal> {
  const { body } = call
  if (body === null) return nothing
  if (!(body instanceof ArrayBuffer) && Number(call.headers['content-length'] ?? 0) > limitBytes) {
    return tooLarge(limitBytes)
  }
  const bytes = body instanceof ArrayBuffer ? body : await readUpTo(body, limitBytes)
  if (bytes === null || bytes.byteLength > limitBytes) return tooLarge(limitBytes)
  call.body = bytes
  return bytes
}

function tooLarge(limitBytes: number): Refusal {
  return refuse('BODY_TOO_LARGE', {
    detail: `The service needs a signature over the body, which may have at most ${limitBytes} bytes for that.`,
    members: { limitBytes },
  })
}
