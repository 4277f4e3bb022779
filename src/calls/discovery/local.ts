/** Discovery as each isolate holds it: the last list that the object told. */
import type { Entry, LinkPart } from '../state/part.ts'
import type { DiscoveryView, DiscoveryWord } from './part.ts'
import type { DiscoverRules } from './rules.ts'

export interface DiscoveryLocal {
  /** Null until a list is known. */
  version: string | null
  entries: readonly Entry[]
  /** The source of which the object answered last: no request waits for that one any more. */
  heardOf: string | null
  /** Before then no request waits again for an object that was asked in vain. */
  patientAt: number
}

const IMPATIENT_MS = 1_000

export const discoveryLink: LinkPart<DiscoverRules, DiscoveryWord, DiscoveryView, DiscoveryLocal> =
  {
    start: () => ({ version: null, entries: [], heardOf: null, patientAt: 0 }),

    say: ({ version }) => ({ known: version }),

    unsay: () => {},

    missed(local, now) {
      local.patientAt = now + IMPATIENT_MS
    },

    hear(local, { version, entries }, { options }) {
      const isOther = local.heardOf !== options.key
      local.heardOf = options.key
      if (version === null) {
        // Of the same source what is known here is better than nothing: the object may have lost its storage.
        if (isOther) Object.assign(local, { version: null, entries: [] })
        return
      }
      if (entries === null) return
      local.version = version
      local.entries = entries
    },
  }
