/**
 * The ports of one request on the real runtime. Bindings are read per request: a stub belongs to its request.
 * Classes with methods, so that a request makes two small objects and no functions; what few requests use is
 * made when it is asked for.
 */
import { connect } from 'cloudflare:sockets'
import type { Answers, Fills, Purges } from '../../cache/answer.ts'
import type { PurgeWatch } from '../../cache/purge-watch.ts'
import type { IdempotencyObjects } from '../../idempotency/messages.ts'
import type {
  BucketObjects,
  Clock,
  Documents,
  Floods,
  Memories,
  Network,
  NetworkCall,
  Ports,
  Randomness,
  Tallies,
  UpstreamObjects,
  VersionUses,
} from '../ports.ts'
import { runtimeTimers } from '../timers.ts'
import { bindAnswers } from './answer-stores.ts'
import { type BucketBindings, bindBucketObjects } from './bucket-objects.ts'
import { bindDocuments } from './documents.ts'
import { bindFillObjects, type FillBindings } from './fill-objects.ts'
import { bindIdempotencyObjects, type IdempotencyBindings } from './idempotency-objects.ts'
import { bindPurges, type PurgeBindings } from './purges.ts'
import { cachedResponses } from './responses.ts'
import { bindTallies, type TallyBindings } from './tallies.ts'
import { bindUpstreamObjects, type UpstreamBindings } from './upstream-objects.ts'
import { bindVersionUses, type VersionsBindings } from './version-uses.ts'

export type Bindings = Readonly<Record<string, unknown>>

/** What lives as long as the isolate, and is shared by its requests. */
export interface IsolateParts {
  readonly randomness: Randomness
  readonly memories: Memories
  readonly purges: PurgeWatch
}

const clock: Clock = { now: () => Date.now() }

export class RequestPorts implements Ports {
  readonly clock = clock
  readonly timers = runtimeTimers
  readonly responses = cachedResponses
  readonly randomness: Randomness
  readonly memories: Memories
  readonly network: Network
  readonly #env: Bindings
  readonly #context: ExecutionContext
  readonly #watch: PurgeWatch

  constructor(env: Bindings, context: ExecutionContext, isolate: IsolateParts) {
    this.randomness = isolate.randomness
    this.memories = isolate.memories
    this.#watch = isolate.purges
    this.network = new RuntimeNetwork(env)
    this.#env = env
    this.#context = context
  }

  get documents(): Documents {
    return bindDocuments(this.#env.KV as KVNamespace)
  }

  get floods(): Floods {
    const env = this.#env
    return {
      async allows(binding, key) {
        return (await (env[binding] as RateLimit).limit({ key })).success
      },
    }
  }

  get buckets(): BucketObjects {
    return bindBucketObjects(this.#env as unknown as BucketBindings)
  }

  get tallies(): Tallies {
    return bindTallies(this.#env as unknown as TallyBindings)
  }

  get versionUses(): VersionUses {
    return bindVersionUses(this.#env as unknown as VersionsBindings)
  }

  get upstreams(): UpstreamObjects {
    return bindUpstreamObjects(this.#env as unknown as UpstreamBindings)
  }

  get answers(): Answers {
    return bindAnswers({
      kv: this.#env.KV as KVNamespace,
      clock,
      memories: this.memories,
      watch: this.#watch,
      watchPorts: () => this,
    })
  }

  get fills(): Fills {
    return bindFillObjects(this.#env as unknown as FillBindings, this.timers)
  }

  get purges(): Purges {
    return bindPurges(this.#env as unknown as PurgeBindings, this.#watch, () => this)
  }

  get idempotency(): IdempotencyObjects {
    return bindIdempotencyObjects(this.#env as unknown as IdempotencyBindings)
  }

  defer(work: Promise<unknown>): void {
    this.#context.waitUntil(work)
  }
}

/** Of a request, or of an object. */
export class RuntimeNetwork implements Network {
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

  async canConnect(hostname: string, port: number): Promise<boolean> {
    const socket = connect({ hostname, port }, { secureTransport: 'off', allowHalfOpen: false })
    // Both settle after the answer is known, and have nothing to add to it.
    socket.closed.catch(() => {})
    try {
      await socket.opened
      return true
    } catch (error) {
      // A port or address that the host keeps Workers from says nothing of the service.
      return !(error instanceof Error && error.message.includes('cannot connect to the specified'))
    } finally {
      socket.close().catch(() => {})
    }
  }
}

function initOf({ method, headers, body, signal }: NetworkCall): RequestInit {
  return { method, headers: headers as Record<string, string>, body, signal, redirect: 'manual' }
}
