/** Discovery as the upstream's object holds it: one asks the source, for the whole fleet. */
import type { Entry, FleetPart } from '../state/part.ts'
import {
  absorb,
  adopt,
  begin,
  type DiscoveryKept,
  type DiscoveryState,
  deregister,
  nextWake,
  type Read,
  register,
  settle,
  touch,
} from './core.ts'
import type { DiscoverRules } from './rules.ts'
import { readSource } from './sources/source.ts'

/** Isolate → object: the name of the list that it has; null for none. */
export interface DiscoveryWord {
  readonly known: string | null
}

/** Object → isolate. */
export interface DiscoveryView {
  /** Null while no list is known. */
  readonly version: string | null
  /** Null where the isolate has this list. */
  readonly entries: readonly Entry[] | null
}

export const discoveryPart: FleetPart<
  DiscoverRules,
  DiscoveryWord,
  DiscoveryState,
  DiscoveryView,
  DiscoveryKept,
  Read | null
> = {
  begin: (kept) => begin(kept),

  exchange(state, { word }, { options, now }) {
    const settled = settle(touch(adopt(state, options), now), now)
    return { ...settled, view: viewOf(settled.state, word, options) }
  },

  keep({ key, list, leases, activeUntil }) {
    return list === null && leases.length === 0 ? null : { key, list, leases, activeUntil }
  },

  register(state, word, { options, now }) {
    if (!options.registration) return { state }
    const adopted = adopt(state, options)
    return word.kind === 'register'
      ? register(adopted, { entry: word.entry, until: now + word.forMs }, now)
      : deregister(adopted, word.url, now)
  },

  show: (state, { options, now }) => shown(settle(adopt(state, options), now).state, options),

  wakeAt: (state, { options }) => nextWake(adopt(state, options), options),

  wake: (state, { now }) => settle(state, now),

  async work(state, { options, now }, io) {
    const { source, watch, refreshMs } = options
    const { cursor, nextAt } = adopt(state, options)
    // Only leases ended: the source is not due.
    if (source === null || now < nextAt) return null
    const reading = await readSource(source, { cursor, watch, refreshMs }, io)
    return { reading, startedAt: now }
  },

  absorb: (state, read, context) =>
    read === null
      ? { state }
      : absorb(adopt(state, context.options), read, context.options, context),

  isAwaited: (state, _word, { options }) => isPending(adopt(state, options), options),
}

/** Whether the source was never asked: an isolate waits for its first answer. */
function isPending({ list, failures }: DiscoveryState, { source }: DiscoverRules): boolean {
  return source !== null && list === null && failures === 0
}

function viewOf(
  { list, entries, version }: DiscoveryState,
  word: DiscoveryWord | null,
  { source }: DiscoverRules,
): DiscoveryView {
  if (source !== null && list === null && entries.length === 0) {
    return { version: null, entries: null }
  }
  return { version, entries: word?.known === version ? null : entries }
}

function shown(state: DiscoveryState, { source }: DiscoverRules) {
  const { entries, leases, failures, error, refused, readAt } = state
  const leased = new Map(leases.map(({ entry, until }) => [entry.url, until]))
  return {
    source: source?.kind ?? 'registration',
    failures,
    error,
    refused,
    readAt: readAt === null ? null : new Date(readAt).toISOString(),
    targets: entries.map((entry) => {
      const until = leased.get(entry.url)
      return { ...entry, until: until === undefined ? null : new Date(until).toISOString() }
    }),
  }
}
