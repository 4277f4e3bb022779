/** What an upstream can take, as each isolate knows it: who came since the last report, and who is let through. */
import type { LinkPart } from '../state/part.ts'
import type { AdaptiveAsked, AdaptiveView, AdaptiveWord } from './part.ts'
import { type ByPriority, noArrivals, priorities, total } from './shares-core.ts'

export interface LocalCapacity {
  readonly arrived: { -readonly [Name in keyof ByPriority]: number }
  shares: AdaptiveView['shares']
  /** When `shares` was asked for: an older word does not take the place of a newer one. */
  sentAt: number
  /** When it is too old to refuse anyone, milliseconds since 1970. */
  until: number
}

/** Six reports that failed: what the object said then says nothing of now, and all are let through. */
export const HOLDS_MS = 30_000

export const adaptiveLink: LinkPart<AdaptiveAsked, AdaptiveWord, AdaptiveView, LocalCapacity> = {
  start: () => ({
    arrived: { ...noArrivals },
    shares: {},
    sentAt: Number.NEGATIVE_INFINITY,
    until: 0,
  }),

  say({ arrived }) {
    if (total(arrived) === 0) return null
    const word = { arrived: { ...arrived } }
    Object.assign(arrived, noArrivals)
    return word
  },

  unsay({ arrived }, word) {
    for (const name of priorities) arrived[name] += word.arrived[name]
  },

  hear(local, { shares }, { sentAt, now }) {
    if (sentAt < local.sentAt) return
    local.shares = shares
    local.sentAt = sentAt
    local.until = now + HOLDS_MS
  },
}
