/** The compiled form of a table: frozen, made once per table and isolate. Everything that can be bound is bound here. */

import type { ClientIpRule } from '../http/forwarded.ts'
import type { Matcher } from '../match/matcher.ts'
import type { PathRules } from '../match/normalize.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { TableLimits } from './buckets.ts'
import type { FleetUpstream } from './fleet.ts'
import type { TableUsage } from './usage.ts'
import type { VersionedRoute } from './versions.ts'

/** Answers a request whose route is known: the composed pipeline. */
export type Handler = (exchange: Exchange) => Answer | Promise<Answer>

export interface BoundRoute {
  readonly name: string
  readonly pointer: string
  readonly run: Handler
  /** Answers a CORS preflight for this route; null where the route has no `cors`. */
  readonly preflight: Handler | null
  /** Names and uses in the order in which they run, for `routes` and `explain`. */
  readonly policies: readonly PlannedPolicy[]
  /** What is missing; when not empty the route answers ROUTE_UNAVAILABLE. */
  readonly missing: readonly Missing[]
  /** True where some request passes without identity: no policy that asks for it is enforced on all of them. */
  readonly open: boolean
  /** Whether challenges of this route name the document of the protected resource (RFC 9728 §5.1). */
  readonly resourceMetadata: boolean
}

export interface PlannedPolicy {
  readonly use: string
  readonly name: string
  readonly stage: string
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Where it came from: `defaults`, `set <name>` or `route`. */
  readonly from: string
}

/** Something the table names and this Worker does not have, or has in a form that is of no use there. */
export interface Missing {
  readonly pointer: string
  readonly code:
    | 'SECRET_MISSING'
    | 'SECRET_INVALID'
    | 'VARIABLE_MISSING'
    | 'SERVICE_MISSING'
    | 'RATE_LIMITER_MISSING'
  readonly name: string
  /** Of SECRET_INVALID: what the secret would have to be. */
  readonly form?: string
}

export interface Plan {
  /** 16 hex digits of the SHA-256 of the table's text. */
  readonly version: string
  readonly paths: PathRules
  readonly clientIp: ClientIpRule
  /** Whether inbound field names with `_` pass. */
  readonly underscores: boolean
  /** Inbound field names that only the gateway may write: those of every `forward` in the table. */
  readonly reserved: ReadonlySet<string>
  readonly matcher: Matcher
  readonly routes: readonly BoundRoute[]
  /** The pipeline of 400, 404 and 405: it ends with the exchange's `conclusion`. */
  readonly withoutRoute: Handler
  /** What answers the paths under /.well-known/ that this table serves by itself. */
  readonly wellKnown: ReadonlyMap<string, Handler>
  readonly missing: readonly Missing[]
  /** Who may ask what it has left, and of what; bound on the first call. */
  readonly usage: () => TableUsage
  /** The limits of the table with their buckets, by the name of the policy; bound on the first call. */
  readonly limits: () => TableLimits
  /** The routes that serve several versions, with these. */
  readonly versions: () => readonly VersionedRoute[]
  /** The upstreams of which the fleet has something to know, by name. */
  readonly fleet: () => ReadonlyMap<string, FleetUpstream>
}
