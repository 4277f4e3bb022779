/**
 * The requests of one aggregate: each has an exchange of its own, so that no two calls disturb each other, and ports
 * behind the gate of connections. Equal requests are sent once.
 */
import type { Exchange, Outgoing } from '../../../pipeline/exchange.ts'
import { gatePorts } from '../../../platform/connections.ts'
import type { Ports } from '../../../platform/ports.ts'
import { Waits } from '../../waits.ts'
import type { Single } from '../part.ts'
import type { CallOff } from './call-off.ts'

export class Shots {
  readonly ports: Ports
  /** For bodies. */
  readonly waits: Waits
  readonly #whole: Exchange
  readonly #equal = new Map<string, Promise<Single>>()
  readonly #open = new Set<Exchange>()
  #busySince = 0

  constructor(whole: Exchange, callOff: CallOff) {
    this.#whole = whole
    this.ports = gatePorts(whole.ports)
    this.waits = new Waits(this.ports.timers, this.ports.clock)
    callOff.tell(() => this.waits.callOff())
    const left = whole.onLeave
    whole.onLeave = () => {
      left?.()
      for (const own of this.#open) own.onLeave?.()
    }
  }

  /** What an equal request comes to that was sent before, or that `send` sends now. */
  once(key: string, send: () => Promise<Single>): Promise<Single> {
    const sent = this.#equal.get(key)
    if (sent !== undefined) return sent
    const now = send()
    this.#equal.set(key, now)
    return now
  }

  /** An exchange for one request: what steps of its call write says nothing of another. */
  begin(outgoing: Outgoing, isRepeatSafe: boolean): Exchange {
    const { event } = this.#whole
    const own: Exchange = {
      ...this.#whole,
      ports: this.ports,
      method: outgoing.method,
      outgoing,
      answer: [],
      event: {
        ...event,
        upstream: null,
        target: null,
        tries: 0,
        breaker: null,
        fallback: null,
        upstreamMs: 0,
        cache: null,
        policies: {},
      },
      onLeave: null,
      isRepeatSafe,
    }
    // The stored answer of the whole is none of a part.
    if (own.staleAnswer !== undefined) delete own.staleAnswer
    if (this.#open.size === 0) this.#busySince = this.ports.clock.now()
    this.#open.add(own)
    return own
  }

  /** Adds to the event of the whole what the request came to. */
  end(own: Exchange): void {
    if (!this.#open.delete(own)) return
    const { event } = this.#whole
    event.tries += own.event.tries
    Object.assign(event.policies, own.event.policies)
    // Calls wait side by side: what counts is the time in which any of them did.
    if (this.#open.size > 0) return
    event.upstreamMs += this.ports.clock.now() - this.#busySince
    this.waits.close()
  }
}
