/** What one request carries from the match to its event. One object, made once; policies read it and edit `outgoing` and `answer`. */

import type { BoundRoute } from '../config/plan.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { Fields } from '../http/headers.ts'
import type { Subject } from '../match/subject.ts'
import type { Target } from '../match/target.ts'
import type { Event } from '../observe/event.ts'
import type { Ports } from '../platform/ports.ts'
import type { Spending } from '../schema/limits.ts'

/** What is known of the one who called, by the rule of `clientIp` and the runtime's `request.cf`. */
export interface Client {
  /** An IPv4 or IPv6 address without port or brackets, or null. */
  readonly address: string | null
  readonly country: string | null
  readonly continent: string | null
  readonly asn: number | null
  readonly colo: string | null
}

/** W3C Trace Context: what came in, or begun here. */
export interface Trace {
  readonly traceId: string
  /** The id of the gateway's own span: the parent of what the service does. */
  readonly spanId: string
  readonly flags: string
  readonly state: string | null
}

/** The request as it goes on to the service: shape policies edit it. */
export interface Outgoing {
  method: string
  /** Normalized and encoded, starts with "/". */
  path: string
  /** With its "?", or empty. */
  query: string
  readonly headers: Fields
  /** Asked for by `rewrite.host`; null leaves the upstream's own. */
  host: string | null
  /** The body: the request's own stream, bytes that were read for routing, or null. */
  body: ReadableStream | ArrayBuffer | null
}

/** What a pipeline gives: a response, or a refusal that becomes a problem when it leaves the gateway. */
export type Answer = Response | Refusal

/** A value that is known now, or one that is read when the answer leaves (claims, for one, are known late). */
export type AnswerValue = string | ((exchange: Exchange) => string)

/** One change to the headers of the answer. All are applied at once, in order, when the answer leaves. */
export type AnswerEdit =
  | { readonly kind: 'set'; readonly name: string; readonly value: AnswerValue }
  | { readonly kind: 'add'; readonly name: string; readonly value: AnswerValue }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  | { readonly kind: 'remove'; readonly name: string }
  /** Removes every field whose lower-case name starts with the prefix. */
  | { readonly kind: 'removePrefix'; readonly prefix: string }
  /** Adds field names to a list field such as Vary, each once (RFC 9110 §12.5.5). */
  | { readonly kind: 'list'; readonly name: string; readonly values: readonly string[] }

/** Which requests write their event. */
export interface Logging {
  /** The share of events to write, from 0 to 1. */
  readonly sample: number
  /** Write it whatever `sample` says: when the request failed, or took longer than `slowMs`. */
  readonly always: { readonly error: boolean; readonly slow: boolean }
  readonly slowMs: number
}

/** A row of `consumers`: what the operator says of one caller. */
export interface Consumer {
  readonly name: string
  readonly plan: string | null
  readonly roles: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  /** Rates and quotas of its own, in the place of those of its plan. */
  readonly spending?: Spending
}

/** Who is calling, as an identity policy verified it. A caller is the pair of authority and subject, everywhere. */
export interface Identity {
  /** `jwt:<iss>`, `key`, `basic`, `hmac`, `mtls:<CA>`, `introspection:<source>`, `external:<source>`. */
  readonly authority: string
  /** The name within the authority: never empty. */
  readonly subject: string
  /** What the authority says of the caller; a claim is only as good as who made it. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Of the credential and of the consumer together. */
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly permissions: readonly string[]
  /** Null where no entry of `consumers` is this pair. */
  readonly consumer: Consumer | null
}

export interface Exchange {
  readonly request: Request
  readonly ports: Ports
  /** Milliseconds since 1970 when the request came in. */
  readonly startedAt: number
  /** The request id: `instance` of each problem, `request` of the event. */
  id: string
  /** The header field that carries the id, in lower case; null where no `request-id` policy ran. */
  idHeader: string | null
  /** Which events are written, as `log` says; null writes all. */
  logging: Logging | null
  readonly trace: Trace
  readonly method: string
  /** True while a CORS preflight is answered for the route of the method it asks for, or refused where none has it. */
  preflight: boolean
  readonly target: Target
  /**
   * The header fields as received, before anything was removed. A policy that changes answers puts others in their
   * place for those within: the conditions of the client, in terms of the answer before its change.
   */
  received: Readonly<Fields>
  readonly client: Client
  /** The request as conditions see it: as received, whatever policies changed since. */
  subject: Subject
  /** Null for an anonymous caller, and before the stage `identify`. The last identity policy that verified wins. */
  identity: Identity | null
  /** What goes on of callers who were let in without a name: what is theirs can be told by it alone. */
  admitted?: readonly (readonly [field: string, value: string])[]
  /** Null until a route matched, and on 404 and 405. */
  route: BoundRoute | null
  params: Readonly<Record<string, string>>
  /** What a request without route ends with, once the policies of `defaults` ran. */
  conclusion: Answer | null
  readonly outgoing: Outgoing
  /** In the order in which they are applied when the answer leaves. */
  readonly answer: AnswerEdit[]
  readonly event: Event
  /** Runs once where the client leaves before its answer is there: what was taken for it is let go. It awaits nothing. */
  onLeave: (() => void) | null
  /** Whatever its method, it may reach a service again: the policy `idempotency` holds the key that tells it apart. */
  isRepeatSafe: boolean
  /** Runs a request of its own through the gateway: what a batch asks for. Never rejects. */
  readonly reenter: (request: Request, outer: Exchange, ports: Ports) => Promise<Response>
  /** The id of the batch that it stands in; null where it came by itself. */
  readonly within: string | null
  /**
   * Set while the service is asked about a stored answer that is no longer fresh: gives that answer, once, where it
   * may stand in for a service that fails (`fallback` of an upstream); null where it may not.
   */
  staleAnswer?: () => Response | null
  /** Makes the answer of a refusal for a client that cannot read problems; left out for all others. */
  tellRefusal?: (refusal: Refusal) => Response
}
