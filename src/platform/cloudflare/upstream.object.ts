/** The Durable Object of one upstream: clock and storage for the book that stands in src/calls/state. */
import { DurableObject } from 'cloudflare:workers'
import { UpstreamBook } from '../../calls/state/book.ts'
import type {
  UpstreamCommand,
  UpstreamReport,
  UpstreamSnapshot,
} from '../../calls/state/messages.ts'
import { makeRandomness } from './randomness.ts'

export class UpstreamObject extends DurableObject {
  readonly #book = new UpstreamBook({
    clock: { now: () => Date.now() },
    randomness: makeRandomness(),
  })

  exchange(report: UpstreamReport): UpstreamSnapshot {
    return this.#book.exchange(report)
  }

  command(command: UpstreamCommand): UpstreamSnapshot {
    return this.#book.command(command)
  }
}
