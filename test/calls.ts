/** The call pipeline of an upstream over a fake send, for tests of its steps; the clock is that of the fake timers. */
import type { Call, Send, Target } from '../src/calls/call.ts'
import { bindSteps, type CallScope } from '../src/calls/order.ts'
import type { Answer } from '../src/pipeline/exchange.ts'
import type { Network } from '../src/platform/ports.ts'
import type { UpstreamOptions } from '../src/upstreams/http/schema.ts'
import { makeTarget } from '../src/upstreams/http/upstream.ts'
import { bindRespond } from '../src/upstreams/respond/respond.ts'
import { type CallParts, makeCall } from './call.ts'
import { makeBindContext } from './exchange.ts'

export type CallOptions = Omit<UpstreamOptions, 'targets'> & {
  readonly targets?: readonly string[]
  readonly deadline?: CallScope['deadline']
}

/** What a step is bound with. */
export function makeCallScope({ deadline, targets, ...options }: CallOptions = {}): CallScope {
  const urls = targets ?? ['https://a.example.com', 'https://b.example.com']
  return {
    ...makeBindContext(),
    pointer: '/upstreams/users',
    upstream: (name) => {
      throw new Error(`no upstream ${name} in this test`)
    },
    deadline,
    bindRespond,
    name: 'users',
    options: { ...options, targets: [...urls] },
    targets: urls.map(targetOf),
  }
}

function targetOf(url: string, index: number): Target {
  return makeTarget(url, { index, weight: 1, priority: 0, zone: null })
}

export interface TimedCallParts extends CallParts {
  readonly timeoutMs?: number
  /** What `fraction()` gives: 0 waits for nothing, near 1 for all of a backoff. */
  readonly fraction?: number
  readonly canConnect?: Network['canConnect']
}

/** A call whose clock is `Date.now`, so that fake timers move it. */
export function makeTimedCall(parts: TimedCallParts = {}): Call {
  const call = makeCall({ now: Date.now(), ...parts })
  const { exchange } = call
  const network =
    parts.canConnect === undefined
      ? exchange.ports.network
      : { ...exchange.ports.network, canConnect: parts.canConnect }
  const ports = {
    ...exchange.ports,
    network,
    clock: { now: () => Date.now() },
    randomness: { ...exchange.ports.randomness, fraction: () => parts.fraction ?? 0 },
  }
  return {
    ...call,
    exchange: { ...exchange, ports },
    target: targetOf('https://a.example.com', 0),
    timeoutMs: parts.timeoutMs ?? null,
  }
}

/** What a try does: answers at once, or after so many milliseconds unless it is called off before. */
export type Script = Answer | { readonly afterMs: number; readonly answer: Answer } | 'hangs'

export interface Sent {
  readonly target: string
  readonly body: Call['body']
  readonly headers: Call['headers']
  readonly signal: AbortSignal | null
  readonly at: number
}

/** A send that does in turn what the scripts say, the last of them again and again, and notes what it was given. */
export function scripted(...scripts: readonly Script[]): { send: Send; sent: Sent[] } {
  const sent: Sent[] = []
  return {
    sent,
    send(call) {
      const script = scripts[Math.min(sent.length, scripts.length - 1)] as Script
      const { target, body, headers, signal } = call
      sent.push({ target: target.url, body, headers: { ...headers }, signal, at: Date.now() })
      if (script === 'hangs') return new Promise(() => {})
      if (script instanceof Response) return Promise.resolve(script.clone())
      if (!('afterMs' in script)) return Promise.resolve(script)
      return new Promise((resolve) => setTimeout(() => resolve(script.answer), script.afterMs))
    },
  }
}

/** All steps that the options ask for, in front of the send. */
export function bindCalls(options: CallOptions, send: Send): Send {
  return bindSteps(makeCallScope(options), send)
}
