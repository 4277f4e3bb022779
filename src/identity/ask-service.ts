/**
 * One call to a service that knows callers: bounded in time and size, no redirect is followed, and what goes wrong
 * is a value. Nothing of the request's own is sent but what the policy chose.
 */
import { readUpTo } from '../http/read-up-to.ts'
import type { NetworkCall, Ports } from '../platform/ports.ts'

export type ServiceAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Headers
      /** Null where it is longer than the limit. */
      readonly body: ArrayBuffer | null
    }
  /** `reason` is for the operator's event. */
  | { readonly kind: 'failed'; readonly reason: 'source-unreachable' | 'source-late' }

export interface ServiceCall {
  /** The service binding to go through, or null. */
  readonly binding: string | null
  readonly call: Omit<NetworkCall, 'signal'>
  /** Until the answer is there whole. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

export async function askService(
  { network, timers }: Pick<Ports, 'network' | 'timers'>,
  { binding, call, timeoutMs, maxBytes }: ServiceCall,
): Promise<ServiceAnswer> {
  const controller = new AbortController()
  const outgoing = { ...call, signal: controller.signal }
  const alarm = timers.after(timeoutMs)
  const late = alarm.done.then((): ServiceAnswer => {
    controller.abort()
    return { kind: 'failed', reason: 'source-late' }
  })
  const answered = receive(
    binding === null ? network.send(outgoing) : network.sendTo(binding, outgoing),
    maxBytes,
  ).catch((): ServiceAnswer => ({ kind: 'failed', reason: 'source-unreachable' }))
  try {
    return await Promise.race([answered, late])
  } finally {
    alarm.cancel()
  }
}

async function receive(sent: Promise<Response>, maxBytes: number): Promise<ServiceAnswer> {
  const { status, headers, body } = await sent
  const bytes = body === null ? new ArrayBuffer(0) : await readUpTo(body, maxBytes)
  return { kind: 'answered', status, headers, body: bytes }
}
