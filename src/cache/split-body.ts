/**
 * Gives an answer to its client and to the store at once. The client's branch is what reads: the store's is fed
 * with what goes by, and is given up where it falls behind. At most `smallBytes` are held, or `lagBytes` in wait.
 */
import { withLength } from './with-length.ts'

export type Kept =
  | { readonly kind: 'bytes'; readonly bytes: ArrayBuffer | null }
  /** Larger than `smallBytes`: has to be read at once, and breaks where it is read too slowly. */
  | { readonly kind: 'stream'; readonly stream: ReadableStream<Uint8Array> }
  /** It did not come whole (RFC 9111 §3.3). */
  | { readonly kind: 'broken' }

export interface Split {
  /** For the client: the same status and fields. */
  readonly answer: Response
  readonly kept: Promise<Kept>
}

export interface SplitLimits {
  readonly smallBytes: number
  readonly lagBytes: number
  readonly maxBytes: number
}

/** `declared` is the length of the body as it is read, or null where the answer does not say. */
export function splitBody(response: Response, declared: number | null, limits: SplitLimits): Split {
  const { body } = response
  if (body === null)
    return { answer: response, kept: Promise.resolve({ kind: 'bytes', bytes: null }) }
  // What the runtime holds for the slower of two branches is no more than the body itself.
  if (declared !== null && declared <= limits.smallBytes) return copySmall(response, declared)
  const pump = new Pump(body, limits)
  return { answer: new Response(withLength(pump.client, declared), response), kept: pump.kept }
}

function copySmall(response: Response, declared: number): Split {
  const kept = response
    .clone()
    .arrayBuffer()
    .then(
      (bytes): Kept =>
        bytes.byteLength === declared ? { kind: 'bytes', bytes } : { kind: 'broken' },
      (): Kept => ({ kind: 'broken' }),
    )
  return { answer: response, kept }
}

class Pump {
  readonly client: ReadableStream<Uint8Array>
  readonly kept: Promise<Kept>
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #limits: SplitLimits
  readonly #resolve: (kept: Kept) => void
  #held: Uint8Array[] | null = []
  #total = 0
  #store: ReadableStreamDefaultController<Uint8Array> | null = null

  constructor(body: ReadableStream<Uint8Array>, limits: SplitLimits) {
    const { promise, resolve } = Promise.withResolvers<Kept>()
    this.#reader = body.getReader()
    this.#limits = limits
    this.#resolve = resolve
    this.kept = promise
    this.client = new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: (reason) => this.#leave(reason),
    })
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const chunk = await this.#read()
      if (chunk === null) controller.close()
      else controller.enqueue(chunk)
    } catch (error) {
      controller.error(error)
    }
  }

  /** The next piece, recorded for the store; null at the end. */
  async #read(): Promise<Uint8Array | null> {
    let read: ReadableStreamReadResult<Uint8Array>
    try {
      read = await this.#reader.read()
    } catch (error) {
      this.#giveUp()
      throw error
    }
    if (read.done) {
      this.#end()
      return null
    }
    this.#record(read.value)
    return read.value
  }

  #record(chunk: Uint8Array): void {
    this.#total += chunk.byteLength
    if (this.#total > this.#limits.maxBytes) this.#giveUp()
    else if (this.#held !== null) {
      this.#held.push(chunk)
      if (this.#total > this.#limits.smallBytes) this.#beginStream(this.#held)
    } else if (this.#store !== null) {
      if ((this.#store.desiredSize ?? 0) < 0) this.#giveUp()
      else this.#store.enqueue(chunk)
    }
  }

  #beginStream(held: readonly Uint8Array[]): void {
    this.#held = null
    const { smallBytes, lagBytes } = this.#limits
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#store = controller
          for (const chunk of held) controller.enqueue(chunk)
        },
        cancel: () => {
          this.#store = null
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: smallBytes + lagBytes }),
    )
    this.#resolve({ kind: 'stream', stream })
  }

  #end(): void {
    if (this.#held !== null)
      this.#resolve({ kind: 'bytes', bytes: concat(this.#held, this.#total) })
    this.#store?.close()
    this.#held = null
    this.#store = null
  }

  #giveUp(): void {
    this.#held = null
    this.#store?.error(new Error('the answer was not kept whole'))
    this.#store = null
    this.#resolve({ kind: 'broken' })
  }

  /** The client left. What is held anyway is read to its end, for those who wait for it. */
  async #leave(reason: unknown): Promise<void> {
    try {
      while (this.#held !== null) if ((await this.#read()) === null) return
    } catch {
      return
    }
    this.#giveUp()
    await this.#reader.cancel(reason).catch(() => {})
  }
}

function concat(chunks: readonly Uint8Array[], total: number): ArrayBuffer {
  const bytes = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes.buffer
}
