/** When requests come to one isolate: the instant of the next one, continuous milliseconds. */
export type Arrivals = (now: number, random: () => number) => number

/** Independent requests, so many a second on average. */
export function poisson(perSecond: number): Arrivals {
  return (now, random) => now + gap(perSecond, random)
}

/** Poisson while on: `onMs` of every `everyMs`, beginning `fromMs` into it. */
export function onOff(on: {
  readonly perSecond: number
  readonly fromMs: number
  readonly onMs: number
  readonly everyMs: number
}): Arrivals {
  return (now, random) => {
    // Time that counts only while on is mapped to time: a gap may reach over pauses.
    const rounds = Math.floor((now - on.fromMs) / on.everyMs)
    const spent = Math.min(on.onMs, now - on.fromMs - rounds * on.everyMs)
    const busy = rounds * on.onMs + spent + gap(on.perSecond, random)
    const round = Math.floor(busy / on.onMs)
    return on.fromMs + round * on.everyMs + (busy - round * on.onMs)
  }
}

/** The earlier of two. */
export function either(one: Arrivals, other: Arrivals): Arrivals {
  let first = Number.NEGATIVE_INFINITY
  let second = Number.NEGATIVE_INFINITY
  return (now, random) => {
    if (first <= now) first = one(now, random)
    if (second <= now) second = other(now, random)
    return Math.min(first, second)
  }
}

function gap(perSecond: number, random: () => number): number {
  return (-Math.log(1 - random()) * 1000) / perSecond
}
