/** The ports of one request on the real runtime. Bindings are read per request: a stub belongs to its request. */
import type {
  Clock,
  Documents,
  Memories,
  Network,
  NetworkCall,
  Ports,
  Randomness,
} from '../ports.ts'
import { runtimeTimers } from '../timers.ts'
import { bindDocuments } from './documents.ts'
import { cachedResponses } from './responses.ts'

type Bindings = Readonly<Record<string, unknown>>

const clock = { now: () => Date.now() }

/** What lives as long as the isolate, and is shared by its requests. */
export interface IsolateParts {
  readonly randomness: Randomness
  readonly memories: Memories
}

export function makePorts(env: Bindings, context: ExecutionContext, isolate: IsolateParts): Ports {
  return new RequestPorts(env, context, isolate)
}

/** Ports that few requests use are made when they are asked for. */
class RequestPorts implements Ports {
  readonly clock: Clock = clock
  readonly timers = runtimeTimers
  readonly responses = cachedResponses
  readonly randomness: Randomness
  readonly memories: Memories
  readonly #env: Bindings
  readonly #context: ExecutionContext

  constructor(env: Bindings, context: ExecutionContext, { randomness, memories }: IsolateParts) {
    this.randomness = randomness
    this.memories = memories
    this.#env = env
    this.#context = context
  }

  get network(): Network {
    return makeNetwork(this.#env)
  }

  get documents(): Documents {
    return bindDocuments(this.#env.KV as KVNamespace)
  }

  // Bound: the source of the table and the sink of events hand it on.
  readonly defer = (work: Promise<unknown>): void => {
    this.#context.waitUntil(work)
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
