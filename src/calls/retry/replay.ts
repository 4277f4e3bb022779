/** Makes the body of a call one that can be sent again, where that costs a bounded amount of memory. */
import { readLength } from '../../http/body.ts'
import { readOrReplay } from '../../http/read-up-to.ts'
import type { Call } from '../call.ts'

export const DEFAULT_BODY_LIMIT_BYTES = 65_536 // A page of text, a form, most JSON; not an upload.

/**
 * Whether the body can be sent again: there is none, or it is held as bytes afterwards. A body of unknown length is
 * left a stream: its sender may want to be heard before it ends.
 */
export async function makeReplayable(call: Call, limitBytes: number): Promise<boolean> {
  const { body } = call
  if (body === null) return true
  if (body instanceof ArrayBuffer) return body.byteLength <= limitBytes
  const length = readLength(call.headers['content-length'])
  if (length === null || length > limitBytes) return false
  const read = await readOrReplay(body, limitBytes)
  call.body = read.kind === 'whole' ? read.bytes : read.stream
  return read.kind === 'whole'
}
