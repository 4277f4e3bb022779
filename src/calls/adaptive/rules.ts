/** What `adaptive` of a limit means, with nothing left out. Plain data: it travels to the upstream's object. */

/** As a table has them (policies/rate-limit). */
export interface AdaptiveOptions {
  readonly minPercent?: number | undefined
  readonly latencyTolerance?: number | undefined
  readonly errorPercent?: number | undefined
}

export interface AdaptiveRules {
  /** The least that is let through, from 0 to 1. */
  readonly least: number
  /** Latency may be so many times the best. */
  readonly latencyTolerance: number
  /** So many of the tries may fail, from 0 to 1. */
  readonly errorShare: number
}

/** The numbers are those of Envoy's admission control: at most 80 % refused, 95 % of the calls shall succeed. */
export function adaptiveRules({
  minPercent = 20,
  latencyTolerance = 2,
  errorPercent = 5,
}: AdaptiveOptions): AdaptiveRules {
  return { least: minPercent / 100, latencyTolerance, errorShare: errorPercent / 100 }
}

/** Names equal rules: one upstream may be asked for by several. */
export function keyOf({ least, latencyTolerance, errorShare }: AdaptiveRules): string {
  return `${least}/${latencyTolerance}/${errorShare}`
}

/** Each rule once, in their first order: all that a table asks of one upstream. */
export function distinctRules(rules: readonly AdaptiveRules[]): readonly AdaptiveRules[] {
  return [...new Map(rules.map((one) => [keyOf(one), one])).values()]
}
