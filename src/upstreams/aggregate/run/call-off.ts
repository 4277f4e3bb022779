/**
 * Whether an aggregate is called off: a flag, and a signal for what is sent. What is ours is told by calls: a listener
 * on a signal of the runtime costs more than to read a small body.
 */
export class CallOff {
  #isOff = false
  #controller: AbortController | null = null
  readonly #told: (() => void)[] = []

  get isOff(): boolean {
    return this.#isOff
  }

  /** Aborted when it is off. Made when it is first asked for. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#isOff) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** Is called when it is off; a few for each aggregate. */
  tell(listener: () => void): void {
    this.#told.push(listener)
  }

  now(): void {
    if (this.#isOff) return
    this.#isOff = true
    for (const listener of this.#told) listener()
    this.#controller?.abort()
  }
}
