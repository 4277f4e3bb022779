/** Discovery as each isolate holds it: the last list that the object told. */
import type { Entry, LinkPart } from '../state/part.ts'
import type { DiscoveryView, DiscoveryWord } from './part.ts'
import type { DiscoverRules } from './rules.ts'

export interface DiscoveryLocal {
  /** Null until a list is known. */
  version: string | null
  entries: readonly Entry[]
  /** Whether the object answered at all: from then on no request waits. */
  isHeard: boolean
  /** Before then no request waits again for an object that was asked in vain. */
  patientAt: number
}

const IMPATIENT_MS = 1_000

export const discoveryLink: LinkPart<DiscoverRules, DiscoveryWord, DiscoveryView, DiscoveryLocal> =
  {
    start: () => ({ version: null, entries: [], isHeard: false, patientAt: 0 }),

    say: ({ version }) => ({ known: version }),

    unsay: () => {},

    missed(local, now) {
      local.patientAt = now + IMPATIENT_MS
    },

    hear(local, { version, entries }) {
      local.isHeard = true
      // The object may have lost its storage, or its source never answered: what is known here is better than nothing.
      if (version === null || entries === null) return
      local.version = version
      local.entries = entries
    },
  }
