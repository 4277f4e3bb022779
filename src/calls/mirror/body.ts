/** The body of a request twice: it streams on to its service, and is held up to a limit for copies. */
import { readLength } from '../../http/body.ts'
import { readUpTo } from '../../http/read-up-to.ts'
import type { Call } from '../call.ts'

/** Null where the request has none; `longer` than the limit; `broken` off by its client. */
export type HeldBody = ArrayBuffer | null | 'longer' | 'broken'

/** What is held of the body once it has streamed on; the call's own body may be another stream afterwards. */
export function holdBody(call: Call, limitBytes: number): HeldBody | Promise<HeldBody> {
  const { body } = call
  if (body === null || body instanceof ArrayBuffer) return body
  const length = readLength(call.headers['content-length'])
  if (length !== null && length > limitBytes) return 'longer'
  // Read as it comes: what the slower side has not read yet waits in memory, and is at most the limit.
  const [onward, copy] = body.tee()
  call.body = onward
  return readUpTo(copy, limitBytes).then(
    (bytes) => bytes ?? 'longer',
    () => 'broken',
  )
}
