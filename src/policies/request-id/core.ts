/** Decides which id a request has: the gateway's own, or one that came in and is fit to be kept. Pure. */
import { isVisibleAscii } from '../../http/field-values.ts'

// Enough for a UUID, a ULID or a trace id with a prefix; an id stands in every event and every problem.
const MAX_LENGTH = 128

/** `inbound` is what the client sent, or undefined; where it is not fit, `own` is the id. */
export function decideId(inbound: string | undefined, own: string): string {
  return inbound !== undefined && isVisibleAscii(inbound, MAX_LENGTH) ? inbound : own
}
