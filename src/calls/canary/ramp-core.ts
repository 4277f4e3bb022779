/** The share of a new upstream as a function of time, and what the others have beside it. Pure arithmetic of `now`. */

export interface RampRules {
  readonly fromPercent: number
  readonly toPercent: number
  readonly steps: number
  readonly overMs: number
  readonly startAt: number
}

/** In percent. Each step begins when its part of the time is over; the last one at the end. */
export function shareAt(ramp: RampRules, now: number): number {
  const { fromPercent, toPercent, steps, overMs, startAt } = ramp
  const elapsedMs = now - startAt
  if (elapsedMs < 0) return fromPercent
  if (elapsedMs >= overMs) return toPercent
  const step = Math.floor((elapsedMs * steps) / overMs)
  return fromPercent + ((toPercent - fromPercent) * step) / steps
}

/** The weights where one of them has this share of all, and the others divide the rest by their own. */
export function weightsWith(
  weights: readonly number[],
  index: number,
  percent: number,
): readonly number[] {
  const others = weights.reduce((sum, weight, at) => (at === index ? sum : sum + weight), 0)
  return weights.map((weight, at) => {
    if (at === index) return percent
    // Where the table gives the others nothing they are all even: someone has to answer.
    const part = others > 0 ? weight / others : 1 / (weights.length - 1)
    return (100 - percent) * part
  })
}
