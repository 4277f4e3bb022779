/**
 * Ports behind a gate. Of one request at most six subrequests wait for their headers at once: a seventh is held back
 * by the runtime, where nobody sees it and its time runs out. So whoever sends many at once goes through this gate,
 * which leaves one connection to objects and stores: a breaker that is asked waits for no service.
 */

import type { AnswerStore, Answers } from '../cache/answer.ts'
import type { Network, NetworkCall, Ports } from './ports.ts'

// Connections that wait for headers (developers.cloudflare.com/workers/platform/limits).
export const MOST_CONNECTIONS = 6
/** Calls of services at once: one connection is left to Durable Objects and stores. */
export const MOST_FETCHES = MOST_CONNECTIONS - 1

/** The same ports for one request, behind a gate of their own. */
export function gatePorts(ports: Ports): Ports {
  return new GatedPorts(ports)
}

type Kind = 'fetch' | 'store'

interface Waiting {
  readonly kind: Kind
  go(): void
}

/** First come, first served; but what goes to a store passes fetches that have to wait for a fetch to end. */
export class Gate {
  #open = 0
  #fetches = 0
  readonly #waiting: Waiting[] = []

  /** Whether one more fetch would have to wait. */
  get isFull(): boolean {
    return !this.#hasRoom('fetch')
  }

  /** Runs the work once there is room, and frees its place when it settles. Rejects where it is called off before. */
  run<Value>(kind: Kind, work: () => Promise<Value>, signal: AbortSignal | null): Promise<Value> {
    if (this.#waiting.length > 0 || !this.#hasRoom(kind)) {
      return this.#wait(kind, signal).then(() => this.#begin(kind, work))
    }
    this.#enter(kind)
    return this.#begin(kind, work)
  }

  /** By hand: one promise where an async function with `finally` makes four. */
  #begin<Value>(kind: Kind, work: () => Promise<Value>): Promise<Value> {
    let begun: Promise<Value>
    try {
      begun = work()
    } catch (error) {
      this.#leave(kind)
      return Promise.reject(error)
    }
    return begun.then(
      (value) => {
        this.#leave(kind)
        return value
      },
      (error) => {
        this.#leave(kind)
        throw error
      },
    )
  }

  #hasRoom(kind: Kind): boolean {
    return this.#open < MOST_CONNECTIONS && (kind === 'store' || this.#fetches < MOST_FETCHES)
  }

  #enter(kind: Kind): void {
    this.#open += 1
    if (kind === 'fetch') this.#fetches += 1
  }

  #leave(kind: Kind): void {
    this.#open -= 1
    if (kind === 'fetch') this.#fetches -= 1
    this.#admit()
  }

  /** What waits is bounded by the subrequests that a request may make. */
  #admit(): void {
    for (;;) {
      const at = this.#waiting.findIndex(({ kind }) => this.#hasRoom(kind))
      if (at === -1) return
      const [next] = this.#waiting.splice(at, 1)
      if (next === undefined) return
      this.#enter(next.kind)
      next.go()
    }
  }

  #wait(kind: Kind, signal: AbortSignal | null): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal?.reason)
      }
      const waiting: Waiting = {
        kind,
        go() {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiting)
      this.#admit()
    })
  }
}

class GatedNetwork implements Network {
  readonly #network: Network
  readonly #gate: Gate
  readonly canConnect?: NonNullable<Network['canConnect']>

  constructor(network: Network, gate: Gate) {
    this.#network = network
    this.#gate = gate
    if (network.canConnect === undefined) return
    this.canConnect = (hostname, port) =>
      gate.run('store', () => network.canConnect?.(hostname, port) ?? Promise.resolve(true), null)
  }

  get isFull(): boolean {
    return this.#gate.isFull
  }

  send(call: NetworkCall): Promise<Response> {
    return this.#gate.run('fetch', () => this.#network.send(call), call.signal)
  }

  sendTo(binding: string, call: NetworkCall): Promise<Response> {
    return this.#gate.run('fetch', () => this.#network.sendTo(binding, call), call.signal)
  }
}

/** Getters, as those of the host: what a request does not use is not made. */
class GatedPorts implements Ports {
  readonly clock: Ports['clock']
  readonly randomness: Ports['randomness']
  readonly timers: Ports['timers']
  readonly memories: Ports['memories']
  readonly network: Network
  readonly #ports: Ports
  readonly #gate = new Gate()

  constructor(ports: Ports) {
    this.#ports = ports
    this.clock = ports.clock
    this.randomness = ports.randomness
    this.timers = ports.timers
    this.memories = ports.memories
    this.network = new GatedNetwork(ports.network, this.#gate)
  }

  get responses(): Ports['responses'] {
    const { responses } = this.#ports
    return {
      get: (key) => this.#store(() => responses.get(key)),
      put: (...given) => this.#store(() => responses.put(...given)),
    }
  }

  get documents(): Ports['documents'] {
    const { documents } = this.#ports
    return {
      get: (key) => this.#store(() => documents.get(key)),
      getIfChanged: (...given) => this.#store(() => documents.getIfChanged(...given)),
      metadata: (key) => this.#store(() => documents.metadata(key)),
      put: (...given) => this.#store(() => documents.put(...given)),
      list: (...given) => this.#store(() => documents.list(...given)),
      delete: (key) => this.#store(() => documents.delete(key)),
    }
  }

  get buckets(): Ports['buckets'] {
    const { buckets } = this.#ports
    return {
      call: (...given) => this.#store(() => buckets.call(...given)),
      look: (...given) => this.#store(() => buckets.look(...given)),
      change: (...given) => this.#store(() => buckets.change(...given)),
    }
  }

  get tallies(): Ports['tallies'] {
    const { tallies } = this.#ports
    return {
      report: (report) => this.#store(() => tallies.report(report)),
      read: () => this.#store(() => tallies.read()),
    }
  }

  get versionUses(): Ports['versionUses'] {
    const { versionUses } = this.#ports
    return {
      report: (report) => this.#store(() => versionUses.report(report)),
      read: (route) => this.#store(() => versionUses.read(route)),
    }
  }

  get upstreams(): Ports['upstreams'] {
    const { upstreams } = this.#ports
    return {
      exchange: (...given) => this.#store(() => upstreams.exchange(...given)),
      command: (...given) => this.#store(() => upstreams.command(...given)),
    }
  }

  /** A counter beside this machine, and no connection. */
  get floods(): Ports['floods'] {
    return this.#ports.floods
  }

  get answers(): Answers {
    const { answers } = this.#ports
    const store = (of: (answers: Answers) => AnswerStore): AnswerStore => ({
      get: (key) => this.#store(() => of(answers).get(key)),
      put: (...given) => this.#store(() => of(answers).put(...given)),
      delete: (key) => this.#store(() => of(answers).delete(key)),
    })
    return { edge: store((tiers) => tiers.edge), global: store((tiers) => tiers.global) }
  }

  get fills(): Ports['fills'] {
    const { fills } = this.#ports
    return {
      begin: (...given) => this.#store(() => fills.begin(...given)),
      land: (...given) => this.#store(() => fills.land(...given)),
      forget: (key) => this.#store(() => fills.forget(key)),
    }
  }

  get purges(): Ports['purges'] {
    const { purges } = this.#ports
    return {
      current: (now) => purges.current(now),
      refresh: () => this.#store(() => purges.refresh()),
      add: (...given) => this.#store(() => purges.add(...given)),
    }
  }

  get idempotency(): Ports['idempotency'] {
    const { idempotency } = this.#ports
    return {
      begin: (...given) => this.#store(() => idempotency.begin(...given)),
      renew: (...given) => this.#store(() => idempotency.renew(...given)),
      end: (...given) => this.#store(() => idempotency.end(...given)),
    }
  }

  defer(work: Promise<unknown>): void {
    this.#ports.defer(work)
  }

  #store<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#gate.run('store', work, null)
  }
}
