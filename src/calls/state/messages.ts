/**
 * What an isolate and an upstream's object say to each other. Plain data. The object holds, for the whole fleet
 * (or one location), what no isolate can know alone; each part of it has its own folder of `calls/` with a pure
 * core, and its options come with every message, so that objects know nothing of tables.
 */
import type { Notice, Registration } from './part.ts'
import type { fleetParts, linkParts, PartName } from './parts.ts'
import type { UpstreamTally } from './tally.ts'

type FleetParts = typeof fleetParts
type LinkParts = typeof linkParts

/** The types of a part, read from its two sides. */
export type OptionsOf<Name extends PartName> = Parameters<
  FleetParts[Name]['exchange']
>[2]['options']
export type WordOf<Name extends PartName> = NonNullable<
  Parameters<FleetParts[Name]['exchange']>[1]['word']
>
export type ViewOf<Name extends PartName> = ReturnType<FleetParts[Name]['exchange']>['view']
export type LocalOf<Name extends PartName> = ReturnType<LinkParts[Name]['start']>

/** What the table says of the parts that live in the object; a part that it does not ask for is left out. */
export type UpstreamSpec = { readonly [Name in PartName]?: OptionsOf<Name> }

/** Isolate → object. */
export interface UpstreamReport {
  /** Random per isolate. */
  readonly isolate: string
  /** 1, 2, 3 … with a tally: a report that comes twice counts once. 0 only asks. */
  readonly seq: number
  readonly spec: UpstreamSpec
  readonly tally: UpstreamTally | null
  readonly words: { readonly [Name in PartName]?: WordOf<Name> }
}

/** Object → isolate. */
export interface UpstreamSnapshot {
  /** One for each part of the spec. */
  readonly views: { readonly [Name in PartName]?: ViewOf<Name> }
  /** Come again after so long, unless there is news before. */
  readonly nextMs: number
}

/** An operator's command over the admin API; `spec` is that of the table that is live where it came in. */
export interface UpstreamCommand {
  readonly spec: UpstreamSpec
  readonly change:
    | { readonly kind: 'look' }
    | { readonly kind: 'force'; readonly state: 'open' | 'closed' }
    | { readonly kind: 'reset' }
    | Registration
}

/** What operators see. */
export interface UpstreamStatus {
  readonly shown: { readonly [Name in PartName]?: unknown }
  /** The last 20 changes, newest first. */
  readonly notices: readonly (Notice & { readonly time: string })[]
  /** Isolates that reported within the last minute. */
  readonly isolates: number
}
