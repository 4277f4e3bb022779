/** Reads the body of a request whole, within a bound: one that is encoded or longer is refused. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { bodyTooLarge, isEncoded, readLength } from './body.ts'
import type { Fields } from './headers.ts'
import { readUpTo } from './read-up-to.ts'

const nothing = new ArrayBuffer(0)

/** The bytes; none where there is no body. `headers` are those that tell of it. */
export async function readWholeBody(
  body: ReadableStream | ArrayBuffer | null,
  headers: Readonly<Fields>,
  maxBytes: number,
): Promise<ArrayBuffer | Refusal> {
  if (isEncoded(headers['content-encoding'])) return refuse('BODY_ENCODED')
  if ((readLength(headers['content-length']) ?? 0) > maxBytes) return bodyTooLarge(maxBytes)
  if (body === null) return nothing
  const bytes = body instanceof ArrayBuffer ? body : await readUpTo(body, maxBytes)
  return bytes === null || bytes.byteLength > maxBytes ? bodyTooLarge(maxBytes) : bytes
}
