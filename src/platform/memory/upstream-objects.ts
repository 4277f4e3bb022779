/** The objects of upstreams in memory: the same books, which can be slow, away, or start anew from what they kept. */
import { type TimedNotice, UpstreamBook } from '../../calls/state/book.ts'
import type {
  UpstreamCommand,
  UpstreamReport,
  UpstreamSnapshot,
  UpstreamStatus,
} from '../../calls/state/messages.ts'
import type { WakeIo } from '../../calls/state/part.ts'
import type { Clock, Environment, Network, Randomness, Timers, UpstreamObjects } from '../ports.ts'

export interface MemoryUpstreamParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly randomness: Randomness
}

const noNetwork: Network = {
  send: () => Promise.reject(new Error('Nothing answers.')),
  sendTo: () => Promise.reject(new Error('Nothing answers.')),
}

const noEnvironment: Environment = {
  variable: () => undefined,
  secret: () => undefined,
  service: () => 'absent',
}

interface OneObject {
  book: UpstreamBook
  readonly storage: Map<string, unknown>
  wakeAt: number | null
}

export class MemoryUpstreamObjects implements UpstreamObjects {
  /** The way to the object, and the same back. */
  delayMs = 0
  /** `away`: it gets nothing. `mute`: it gets everything, and its answers are lost. */
  fault: 'none' | 'away' | 'mute' = 'none'
  /** Every message that arrived. */
  readonly reports: UpstreamReport[] = []
  readonly notices: (TimedNotice & { readonly upstream: string })[] = []
  /** What objects reach: nothing, unless a test says otherwise. */
  io: WakeIo
  readonly #parts: MemoryUpstreamParts
  readonly #objects = new Map<string, OneObject>()

  constructor(parts: MemoryUpstreamParts) {
    this.#parts = parts
    this.io = { network: noNetwork, environment: noEnvironment, timers: parts.timers }
  }

  exchange(name: string, report: UpstreamReport): Promise<UpstreamSnapshot> {
    return this.#travel(() => {
      this.reports.push(report)
      return this.#open(name).book.ask(structuredClone(report), this.io)
    })
  }

  command(name: string, command: UpstreamCommand): Promise<UpstreamStatus> {
    return this.#travel(() => this.#open(name).book.command(structuredClone(command)))
  }

  /** The object slept or was moved: it knows what it kept, and nothing else. */
  restart(name: string): void {
    const object = this.#objects.get(name)
    if (object !== undefined) object.book = this.#start(name, object)
  }

  /** What the object would have after a restart. */
  kept(name: string): ReadonlyMap<string, unknown> {
    return this.#open(name).storage
  }

  wakeAt(name: string): number | null {
    return this.#open(name).wakeAt
  }

  wake(name: string): Promise<void> {
    return this.#open(name).book.wake(this.io)
  }

  async #travel<Answer>(arrive: () => Answer | Promise<Answer>): Promise<Answer> {
    await this.#pause()
    if (this.fault === 'away') throw new Error('The object cannot be reached.')
    // What is sent over the wire is a copy.
    const answer = structuredClone(await arrive())
    await this.#pause()
    if (this.fault === 'mute') throw new Error('The answer was lost.')
    return answer
  }

  async #pause(): Promise<void> {
    if (this.delayMs > 0) await this.#parts.timers.after(this.delayMs).done
  }

  #open(name: string): OneObject {
    const known = this.#objects.get(name)
    if (known !== undefined) return known
    const made = { storage: new Map<string, unknown>(), wakeAt: null }
    const object: OneObject = Object.assign(made, { book: this.#start(name, made) })
    this.#objects.set(name, object)
    return object
  }

  #start(name: string, object: Pick<OneObject, 'storage' | 'wakeAt'>): UpstreamBook {
    const { storage } = object
    return new UpstreamBook({
      ...this.#parts,
      storage: {
        read: (key) => structuredClone(storage.get(key) ?? null),
        write: (key, value) => storage.set(key, structuredClone(value)),
        delete: (key) => storage.delete(key),
      },
      wakeAt: (time) => {
        object.wakeAt = time
      },
      tell: (notice) => this.notices.push({ ...notice, upstream: name }),
    })
  }
}
