/**
 * The ports of one request on the real runtime. Bindings are read per request: a stub belongs to its request.
 * Classes with methods, so that a request makes two small objects and no functions.
 */
import type { Clock, Network, NetworkCall, Ports, Randomness } from '../ports.ts'

export type Bindings = Readonly<Record<string, unknown>>

const clock: Clock = { now: () => Date.now() }

export class RequestPorts implements Ports {
  readonly clock = clock
  readonly randomness: Randomness
  readonly network: Network
  readonly #context: ExecutionContext

  constructor(env: Bindings, context: ExecutionContext, randomness: Randomness) {
    this.randomness = randomness
    this.network = new RuntimeNetwork(env)
    this.#context = context
  }

  defer(work: Promise<unknown>): void {
    this.#context.waitUntil(work)
  }
}

class RuntimeNetwork implements Network {
  readonly #env: Bindings

  constructor(env: Bindings) {
    this.#env = env
  }

  send(call: NetworkCall): Promise<Response> {
    return fetch(call.url, initOf(call))
  }

  sendTo(binding: string, call: NetworkCall): Promise<Response> {
    return (this.#env[binding] as Fetcher).fetch(call.url, initOf(call))
  }
}

function initOf({ method, headers, body, signal }: NetworkCall): RequestInit {
  return { method, headers: headers as Record<string, string>, body, signal, redirect: 'manual' }
}
