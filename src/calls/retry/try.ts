/** One of several tries of a call: what it changes is its own, and is taken over only where its answer is used. */
import { emptyFields } from '../../http/headers.ts'
import type { Call } from '../call.ts'

/** A call like this one, whose header fields, target, signal and edits are its own. */
export function beginTry(call: Call, signal: AbortSignal | null = call.signal): Call {
  const { onExpiry, dialect } = call
  return {
    exchange: call.exchange,
    upstream: call.upstream,
    target: call.target,
    tried: call.tried,
    timeoutMs: call.timeoutMs,
    endsAt: call.endsAt,
    ...(onExpiry === undefined ? {} : { onExpiry }),
    ...(dialect === undefined ? {} : { dialect }),
    method: call.method,
    path: call.path,
    headers: Object.assign(emptyFields(), call.headers),
    edits: [],
    body: call.body,
    signal,
  }
}

/** The answer of this try is the one that goes out. */
export function adopt(call: Call, used: Call): void {
  call.target = used.target
  call.exchange.event.target = used.target.index
  if (used.edits.length > 0) call.edits.unshift(...used.edits)
}
