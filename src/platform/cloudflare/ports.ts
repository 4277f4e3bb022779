/** The ports of one request on the real runtime. Bindings are read per request: a stub belongs to its request. */
import type { Network, NetworkCall, Ports, Randomness } from '../ports.ts'

type Bindings = Readonly<Record<string, unknown>>

const clock = { now: () => Date.now() }

export function makePorts(env: Bindings, context: ExecutionContext, randomness: Randomness): Ports {
  return {
    clock,
    randomness,
    network: makeNetwork(env),
    defer(work) {
      context.waitUntil(work)
    },
  }
}

function makeNetwork(env: Bindings): Network {
  return {
    send: (call) => fetch(call.url, initOf(call)),
    sendTo: (binding, call) => (env[binding] as Fetcher).fetch(call.url, initOf(call)),
  }
}

function initOf({ method, headers, body, signal }: NetworkCall): RequestInit {
  return { method, headers: headers as Record<string, string>, body, signal, redirect: 'manual' }
}
