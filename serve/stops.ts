/** Ends what was started, in the opposite order, whatever the reason: a signal, a failure, or a parent that is gone. */

const PARENT_TICK_MS = 500
// Ctrl-C reaches us from the terminal and once more from npm: only a later one is a second one.
const SAME_SIGNAL_MS = 500

export class Stops {
  readonly #stops: (() => Promise<void>)[] = []
  readonly #abort = new AbortController()
  #ending: Promise<void> | null = null
  #begunAt = 0

  constructor() {
    // Whoever reads our output may leave before us.
    process.stdout.on('error', () => {})
    process.stderr.on('error', () => {})
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // The second one means "now": every child ends with its channel to us.
        if (this.begun && Date.now() - this.#begunAt > SAME_SIGNAL_MS) process.exit(1)
        if (!this.begun) process.stdout.write('stopping …\n')
        void this.end(0)
      })
    }
    this.#followParent()
  }

  get begun(): boolean {
    return this.#ending !== null
  }

  /** Fires when the end begins. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Notes how to stop something; at once when the end has begun meanwhile. */
  add(stop: () => Promise<void>): void {
    if (this.begun) void stop()
    else this.#stops.push(stop)
  }

  end(status: number): Promise<void> {
    this.#ending ??= this.#end(status)
    return this.#ending
  }

  async #end(status: number): Promise<void> {
    this.#begunAt = Date.now()
    this.#abort.abort()
    for (const stop of this.#stops.toReversed()) await stop().catch(() => {})
    process.exit(status)
  }

  /** npm passes signals on, but a killed npm passes nothing: then another process becomes our parent (package.json says
   * `exec`, so that npm is our parent and not a shell that would live on). */
  #followParent(): void {
    if (process.env.npm_lifecycle_event === undefined) return
    const parent = process.ppid
    const timer = setInterval(() => {
      if (process.ppid !== parent) void this.end(1)
    }, PARENT_TICK_MS)
    timer.unref()
  }
}
