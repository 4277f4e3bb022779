/** Decides when an isolate looks for a newer table, and what it makes of a copy that it finds. Pure. */

export interface LookPolicy {
  /** A table this old is looked after while it serves on. */
  readonly refreshAfterMs: number
  /** A table this old answers nothing before it was looked after: what bounds an isolate that slept. */
  readonly waitAfterMs: number
  /** Without a table, or while the store fails: the least time between two looks. */
  readonly retryAfterMs: number
  /** How long a request, or a look, waits for the store at most. */
  readonly storeTimeoutMs: number
  /** How long after a PUT a copy without stamp is taken for one from before it. */
  readonly holdMs: number
}

/**
 * A request that is answered `t` after a change sees it where t ≥ P + waitAfterMs, P being how long KV shows an
 * old copy: a younger look would have seen the change, and an older one makes the request wait.
 * A busy isolate is quicker: P + refreshAfterMs and the time of one look.
 *
 * On Cloudflare P is up to 60 s, so the bound is 60 + 30 = 90 s, and 75 s where requests come all the time.
 * KV is read with a cacheTtl of 30 s, the least it takes: the copy of a location is no older than that, and what is
 * left of the 60 s is the way from the writer to the next copy.
 * On one machine KV is one process: P is 0, and the bound 750 ms.
 */
export const lookPolicies = {
  cloudflare: {
    refreshAfterMs: 15_000,
    waitAfterMs: 30_000,
    retryAfterMs: 1_000,
    storeTimeoutMs: 1_000,
    holdMs: 60_000,
  },
  machine: {
    refreshAfterMs: 250,
    waitAfterMs: 750,
    retryAfterMs: 100,
    storeTimeoutMs: 1_000,
    holdMs: 0,
  },
} as const satisfies Record<string, LookPolicy>

export type Look = 'serve' | 'serve-then-look' | 'look-first'

/** What a request does about the table. `lookedAt` is null before the first look of the isolate. */
export function decideLook(state: {
  readonly now: number
  readonly lookedAt: number | null
  readonly loaded: boolean
  /** Whether the last look failed. */
  readonly failing: boolean
  readonly policy: LookPolicy
}): Look {
  const { now, lookedAt, loaded, failing, policy } = state
  if (lookedAt === null) return 'look-first'
  const ageMs = now - lookedAt
  if (isFresh(ageMs, loaded ? policy.refreshAfterMs : policy.retryAfterMs)) return 'serve'
  if (!loaded) return 'look-first'
  // A store that fails must not make every request wait for it: the old table serves on.
  return failing || ageMs < policy.waitAfterMs ? 'serve-then-look' : 'look-first'
}

/** Whether nothing is looked after yet. A clock that was set back would else put the next look off by as much. */
export function isFresh(ageMs: number, lookAfterMs: number): boolean {
  return ageMs >= 0 && ageMs < lookAfterMs
}

export interface Copy {
  readonly version: string
  readonly stamp: number | null
}

/** What an isolate knows when it judges a copy. */
export interface Known {
  /** The version that serves, or null. */
  readonly live: string | null
  /** The version under `routes` that was found broken, or null. */
  readonly refused: string | null
  /** The highest stamp that this isolate has seen; 0 at first. */
  readonly stamp: number
  /** Until then a copy without stamp counts as one from before the PUT that this isolate took. */
  readonly heldUntil: number
}

export type CopyVerdict = 'same' | 'stale' | 'refused-before' | 'new'

/** What to do with the copy under `routes`: KV may show an older one after a newer one. */
export function judgeCopy(copy: Copy, known: Known, now: number): CopyVerdict {
  if (copy.version === known.live) return 'same'
  if (known.live !== null) {
    if (copy.stamp !== null && copy.stamp <= known.stamp) return 'stale'
    if (copy.stamp === null && now < known.heldUntil) return 'stale'
  }
  return copy.version === known.refused ? 'refused-before' : 'new'
}
