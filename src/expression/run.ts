/**
 * What one evaluation may still do (ROUTES.md §5). All bounds are counts: JSONata cannot be stopped by a clock, which on
 * Workers stands still while code runs. What is past one throws `Exceeded`, which `expression.ts` makes a value of.
 */

export interface Limits {
  /** Nodes of the expression that are evaluated, and what built-in functions and long values cost beside that. */
  readonly steps: number
  /** How many evaluations may have begun and not ended: recursion, and members of an object beside each other. */
  readonly depth: number
  /** How deeply values may nest. */
  readonly nesting: number
  /** The length of a range. */
  readonly items: number
  /** About the JSON text of what is read, of what is given, and of any text on the way. */
  readonly bytes: number
}

export type LimitName = 'steps' | 'depth' | 'items' | 'bytes'

export const defaultLimits: Limits = {
  steps: 100_000, // ROUTES.md §5; about 100 ms of work.
  depth: 20_000, // About 1 KiB each: 20 MiB of the 128 MiB that an isolate has.
  nesting: 500, // Far beyond what services send, and a twentieth of what the stack bears.
  items: 10_000, // ROUTES.md §5
  bytes: 4_194_304, // 4 MiB of JSON are about 30 MiB of values.
}

/** Thrown past a bound. The library adds a position to what passes through it, so this is no Error and not frozen. */
export class Exceeded {
  readonly limit: LimitName
  constructor(limit: LimitName) {
    this.limit = limit
  }
}

/** An error of the library, or of a function in its place: `code` is JSONata's. */
export interface Failure {
  readonly code: string
}

export class Run {
  readonly limits: Limits
  /** Milliseconds since 1970: what `$now()` and `$millis()` give. */
  readonly now: number
  steps = 0
  /** How often each key of a group-by came up, by the node of the key. */
  readonly groups = new Map<object, Map<string, number>>()

  constructor(limits: Limits, now: number) {
    this.limits = limits
    this.now = now
  }

  spend(steps: number): void {
    this.steps += steps
    if (this.steps > this.limits.steps) throw new Exceeded('steps')
  }

  /** To copy or to look through a list is cheaper than to evaluate: sixteen elements are a step. */
  spendList(length: number): void {
    if (length >= 16) this.spend(length >> 4)
  }

  /** Text that is too long does not live on; to look through it costs a step for 256 characters. */
  spendText(length: number): void {
    if (length > this.limits.bytes) throw new Exceeded('bytes')
    if (length >= 256) this.spend(length >> 8)
  }

  spendValue(value: unknown): void {
    if (typeof value === 'string') this.spendText(value.length)
    else if (Array.isArray(value)) this.spendList(value.length)
  }
}
