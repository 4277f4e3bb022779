/** What the bench Worker of the matcher answers. */

export interface LookUps {
  readonly routes: number
  /** Nanoseconds per look-up, a sample each. */
  readonly isogate: readonly number[]
  readonly memoirist: readonly number[]
}

export interface Compiling {
  readonly routes: number
  /** Milliseconds from the text of the table to its plan: parsed, judged and compiled. */
  readonly judgedMs: readonly number[]
  /** The same for a text that this build has accepted before. */
  readonly trustedMs: readonly number[]
}
