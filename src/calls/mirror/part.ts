/** Mirrors as a part of what is known of an upstream: isolates tell what they counted, the object sums it up. */
import type { FleetPart, LinkPart, Notice } from '../state/part.ts'
import {
  absorbWord,
  addCounts,
  beginMirror,
  MAX_SAMPLES,
  type MirrorCounts,
  type MirrorState,
  type MirrorWord,
  noCounts,
} from './core.ts'

export interface MirrorRules {
  /** Who gets copies. */
  readonly upstreams: readonly string[]
}

/** What an isolate counted since it last told. Bounded by the mirrors of a table (mirror/schema.ts). */
export type LocalMirrors = Map<string, { counts: MirrorCounts; samples: (readonly string[])[] }>

type Words = readonly MirrorWord[]

export const mirrorPart: FleetPart<MirrorRules, Words, MirrorState[], null> = {
  begin: () => [],

  exchange(state, { word }, { options, now }) {
    const notices: Notice[] = []
    for (const one of word ?? []) {
      if (!options.upstreams.includes(one.upstream)) continue
      const known = state.find(({ upstream }) => upstream === one.upstream)
      const mirror = known ?? beginMirror(one.upstream)
      if (known === undefined) state.push(mirror)
      const notice = absorbWord(mirror, one, now)
      if (notice !== null) notices.push(notice)
    }
    // What a later table no longer names is forgotten.
    const left = state.filter(({ upstream }) => options.upstreams.includes(upstream))
    return { state: left, view: null, notices }
  },

  keep: () => null,

  command: (state, command) => ({ state: command.kind === 'reset' ? [] : state }),

  show: (state) => state.map(({ upstream, all, samples }) => ({ upstream, ...all, samples })),
}

export const mirrorLink: LinkPart<MirrorRules, Words, null, LocalMirrors> = {
  start: () => new Map(),

  say(local) {
    if (local.size === 0) return null
    const words = [...local].map(([upstream, { counts, samples }]) => ({
      upstream,
      ...counts,
      samples,
    }))
    local.clear()
    return words
  },

  unsay(local, words) {
    for (const { upstream, samples, ...counts } of words) {
      countCopy(local, upstream, counts, samples)
    }
  },

  hear() {},
}

/** Counts what became of a copy; a sample says what differed. */
export function countCopy(
  local: LocalMirrors,
  upstream: string,
  counts: Partial<MirrorCounts>,
  samples: readonly (readonly string[])[] = [],
): void {
  let known = local.get(upstream)
  if (known === undefined) {
    known = { counts: noCounts(), samples: [] }
    local.set(upstream, known)
  }
  addCounts(known.counts, { ...noCounts(), ...counts })
  known.samples = [...samples, ...known.samples].slice(0, MAX_SAMPLES)
}
