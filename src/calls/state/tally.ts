/** Counts what calls came to between two reports. Plain data, bounded by the targets of the upstream. */

/** What calls to one target came to since the last report. A try counts once, retries and hedges included. */
export interface TargetTally {
  /** The target's URL: a list that discovery changes has no lasting indexes. */
  readonly target: string
  readonly succeeded: number
  /** No answer, a timeout, or a status that counts (calls/classify.ts). */
  readonly failed: number
  /** Of both: slower than `slowCallMs`. */
  readonly slow: number
  /** Failures since the last success, at the end of this report; those of reports before it included. */
  readonly failuresInRow: number
  /** Mean time to headers of those that answered, milliseconds; null where none did. */
  readonly latencyMs: number | null
}

export interface UpstreamTally {
  /** First tries, and tries beyond them. */
  readonly requests: number
  readonly retries: number
  readonly targets: readonly TargetTally[]
  /** Failures since the last success over all targets, at the end of this report. */
  readonly failuresInRow: number
  /** The longest Retry-After that a failing target sent, seconds; null for none. */
  readonly retryAfterSeconds: number | null
}

/** One try's outcome. */
export interface Outcome {
  readonly target: string
  readonly failed: boolean
  readonly slow: boolean
  /** Until headers, milliseconds; null where nothing answered. */
  readonly latencyMs: number | null
  readonly retryAfterSeconds: number | null
}

type Mutable<Fields> = { -readonly [Key in keyof Fields]: Fields[Key] }

interface TargetCount extends Mutable<Omit<TargetTally, 'latencyMs'>> {
  answered: number
  latencySumMs: number
}

// Twice as many as an upstream may have in its table: discovery brings and takes targets.
const MAX_TARGETS = 2_000

/** What was counted since the last report. */
export class Counter {
  failed = 0
  #requests = 0
  #retries = 0
  #targets = new Map<string, TargetCount>()
  /** By target, and over all: they go on from report to report. */
  readonly #failuresInRow = new Map<string, number>()
  #allInRow = 0
  #retryAfterSeconds: number | null = null

  get isEmpty(): boolean {
    return this.#requests === 0 && this.#retries === 0 && this.#targets.size === 0
  }

  countRequest(): void {
    this.#requests += 1
  }

  countRetry(): void {
    this.#retries += 1
  }

  count({ target, failed, slow, latencyMs, retryAfterSeconds }: Outcome): void {
    const counted = this.#target(target)
    if (counted === null) return
    if (failed) {
      this.failed += 1
      this.#allInRow += 1
      counted.failed += 1
      counted.failuresInRow += 1
      if (retryAfterSeconds !== null) {
        this.#retryAfterSeconds = Math.max(this.#retryAfterSeconds ?? 0, retryAfterSeconds)
      }
    } else {
      this.#allInRow = 0
      counted.succeeded += 1
      counted.failuresInRow = 0
    }
    if (slow) counted.slow += 1
    if (latencyMs === null) return
    counted.answered += 1
    counted.latencySumMs += latencyMs
  }

  /** Gives what was counted, and begins anew. */
  take(): UpstreamTally {
    const targets: TargetTally[] = []
    for (const { answered, latencySumMs, ...counts } of this.#targets.values()) {
      const latencyMs = answered === 0 ? null : Math.round(latencySumMs / answered)
      targets.push({ ...counts, latencyMs })
      if (counts.failuresInRow === 0) this.#failuresInRow.delete(counts.target)
      else this.#failuresInRow.set(counts.target, counts.failuresInRow)
    }
    // Targets that are gone from the table fail no more and would stay for ever.
    if (this.#failuresInRow.size > MAX_TARGETS) this.#failuresInRow.clear()
    const tally: UpstreamTally = {
      requests: this.#requests,
      retries: this.#retries,
      targets,
      failuresInRow: this.#allInRow,
      retryAfterSeconds: this.#retryAfterSeconds,
    }
    this.failed = 0
    this.#requests = 0
    this.#retries = 0
    this.#targets = new Map()
    this.#retryAfterSeconds = null
    return tally
  }

  #target(target: string): TargetCount | null {
    const known = this.#targets.get(target)
    if (known !== undefined) return known
    if (this.#targets.size >= MAX_TARGETS) return null
    const failuresInRow = this.#failuresInRow.get(target) ?? 0
    const made = {
      target,
      succeeded: 0,
      failed: 0,
      slow: 0,
      failuresInRow,
      answered: 0,
      latencySumMs: 0,
    }
    this.#targets.set(target, made)
    return made
  }
}
