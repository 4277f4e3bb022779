/**
 * The common shape of every policy. A policy is a gate, an edit, a wrap, a limit, or finds out who calls, so that
 * `mode`, `when` and the event's outcomes are written once, in this room, and not in each policy.
 */
import type { Claim, Ticket } from '../buckets/claims.ts'
import type { BucketShape } from '../buckets/shape.ts'
import type { Missing } from '../config/plan.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { Environment } from '../platform/ports.ts'
import type { Plan, Priority } from '../schema/limits.ts'
import type { Answer, Consumer, Exchange, Identity } from './exchange.ts'
import type { Stage } from './order.ts'

/** The rest of the pipeline. */
export type Next = (exchange: Exchange) => Answer | Promise<Answer>

/** What a gate found. `passed` is a shared constant: passing allocates nothing. */
export type Verdict = { readonly kind: 'passed' } | Refusal

export const passed: Verdict = Object.freeze({ kind: 'passed' })

/** Decides whether the request goes on; changes nothing, so that shadow mode can ask it too. */
export interface Gate {
  readonly kind: 'gate'
  judge(exchange: Exchange): Verdict | Promise<Verdict>
}

/** Changes what goes on (`outgoing`) or what comes back (`answer`); in shadow mode it runs on copies. */
export interface Edit {
  readonly kind: 'edit'
  apply(exchange: Exchange): Verdict
}

/** Stands around the rest: it may answer itself, call on later, or look at the answer. */
export interface Wrap {
  readonly kind: 'wrap'
  around(exchange: Exchange, next: Next): Answer | Promise<Answer>
  /** What it does in shadow mode: decides and counts, answers with what `next` gives. */
  shadow(exchange: Exchange, next: Next): Answer | Promise<Answer>
}

/** What a credential says of its caller, before the table's `consumers` are asked. */
export interface Caller {
  readonly authority: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly permissions: readonly string[]
  /** The consumer that the credential itself names (an API key's record); null: found by the pair. */
  readonly consumer: string | null
  /** The plan that the credential itself has (an API key's record); else that of the consumer counts. */
  readonly plan?: string | null
}

export type Authentication =
  | {
      readonly kind: 'verified'
      readonly caller: Caller
      /** Where the credential stood, to be taken out of what goes on; empty where it is passed on. */
      readonly spent: readonly CredentialPlace[]
      /** Fields for the service, by lower-case name (`forward`); their names are reserved in the whole table. */
      readonly forward: Readonly<Record<string, string>>
    }
  /** Lets pass without saying who is calling: the caller stays anonymous (a service that says yes and no name). */
  | {
      readonly kind: 'admitted'
      /** Why, where it is not the rule: it stands in the event as `passed:<reason>`. */
      readonly reason?: string
      readonly spent: readonly CredentialPlace[]
      readonly forward: Readonly<Record<string, string>>
    }
  /** No credential of this kind is there. */
  | { readonly kind: 'absent' }
  /** One is there and it is bad: `reason` is for the operator's event alone, such as `key-expired`. */
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly reason: string
      /** Goes to the client in the place of the problem: what an external service itself answered. */
      readonly answer?: Response
      /** It says that it is another authority's: an `any-of` asks on, and refuses it if nobody knows it. */
      readonly foreign?: boolean
    }
  /** The source that would know cannot be asked: a fault of a store by `onStoreFault`. */
  | { readonly kind: 'unavailable'; readonly refusal: Refusal; readonly reason: string }

export type CredentialPlace =
  | { readonly in: 'header'; readonly name: string }
  | { readonly in: 'query'; readonly name: string }
  | { readonly in: 'cookie'; readonly name: string }

/**
 * Finds out who is calling. It changes nothing: compose sets the identity, takes spent credentials out and
 * writes what is forwarded, in enforce mode; in shadow mode a verified caller gives its identity and no more.
 */
export interface Identify {
  readonly kind: 'identify'
  authenticate(exchange: Exchange): Authentication | Promise<Authentication>
  /** Whether a caller without credential passes, anonymous. One with a bad credential never does. */
  readonly optional: boolean
  /** The value of WWW-Authenticate where there is no credential (RFC 9110 §11.6.1). */
  readonly challenge: string
  /** Which token it reads: another policy that reads the same may know one that this calls `foreign`. */
  readonly reads?: string
}

/**
 * Takes from buckets. The limits of a request are asked together, all or nothing (ROUTES.md §5), and their fields,
 * problem and outcomes are written once, in limits.ts.
 */
export interface Limit {
  readonly kind: 'limit'
  /** The code of the problem where one of its claims is refused. */
  readonly code: LimitCode
  /** What this request draws on; empty where nothing limits it, a refusal where nothing says what it may have. */
  claims(exchange: Exchange): readonly Claim[] | Refusal
  /** Whether answers also carry `X-RateLimit-*`. */
  readonly legacyHeaders: boolean
  /**
   * Runs once the answer is there, with a ticket per claim; tickets that it leaves open are settled by limits.ts.
   * Null where the costs were known before.
   */
  readonly conclude: ((use: LimitUse) => Answer | Promise<Answer>) | null
  /**
   * Its tickets outlive the headers of an answer: `conclude` ends each of them once, when the body has ended.
   * limits.ts ends them only where the answer is a refusal, or never comes.
   */
  readonly holds?: true
  /** Its buckets, for operators who name a key. */
  readonly buckets: LimitBuckets
}

/** The buckets of a limit, found by what an operator writes for a key (`/_gateway/buckets`). */
export interface LimitBuckets {
  /** What a key is made of, in order: names of the vocabulary and short forms, one value for each. */
  readonly names: readonly string[]
  /** Whether each location has its own. */
  readonly isLocal: boolean
  /** What each key has; null where that is said by the caller's plan. */
  readonly shapes: readonly BucketShape[] | null
  find(key: NamedKey): FoundBuckets
}

export interface NamedKey {
  /** As many as there are names. */
  readonly values: readonly string[]
  readonly colo: string
  /** Who the value of `consumer` is; null for who is anonymous, or where no name is `consumer`. */
  readonly identity: Identity | null
}

export type FoundBuckets =
  | { readonly kind: 'found'; readonly claims: readonly Claim[] }
  /** The value of this index cannot be one. */
  | { readonly kind: 'invalid'; readonly index: number; readonly expected: string }
  /** Nothing says what this caller may have. */
  | { readonly kind: 'without-plan' }

export type LimitCode = 'RATE_LIMITED' | 'QUOTA_EXCEEDED' | 'CONCURRENCY_LIMITED'

/** One use of a limit: what it took for a request, and what that was answered. */
export interface LimitUse {
  readonly exchange: Exchange
  readonly answer: Answer
  readonly tickets: readonly Ticket[]
}

export type BoundPolicy = Gate | Edit | Wrap | Identify | Limit

/** What anything of a table may ask for while it is compiled. */
export interface BindScope {
  /** JSON Pointer of the thing in the document. */
  readonly pointer: string
  readonly environment: Environment
  /** Notes that something is missing here, or of no use: the routes that need it answer ROUTE_UNAVAILABLE. */
  missing(
    pointer: string,
    code: Missing['code'],
    name: string,
    /** Of SECRET_INVALID: what the secret would have to be, to read after "expected a secret …". */
    form?: string,
  ): void
}

/** Of which upstream, and when, less is let through; the numbers have defaults. */
export interface CapacityOptions {
  readonly upstream: string
  readonly minPercent?: number | undefined
  readonly latencyTolerance?: number | undefined
  readonly errorPercent?: number | undefined
}

/** Null where the upstream can take the request, as far as is known here; else after how many seconds to come back. */
export type Capacity = (exchange: Exchange, priority: Priority) => number | null

/** The same for a policy. */
export interface BindContext extends BindScope {
  /** What an upstream of the table can take now. */
  capacity(options: CapacityOptions): Capacity
  /** Of the route; null where it does not say. */
  readonly priority: Priority | null
  /** The challenges of the route's identity policies that were bound before: for who is asked to say who calls. */
  readonly challenges: readonly string[]
  /** Binds the policies within an `any-of`, under the names `<name>.<use>`. */
  bindInner(entry: InnerEntry, pointer: string): BoundPolicy
  /** The policy's own name: `name`, else `<use>-<n>` counted in the route. */
  readonly name: string
  /**
   * Names the entry for buckets, the same in all routes that share it through `defaults` or a set:
   * `defaults/<name>`, `set:<set>/<name>`, `route:<route>/<name>`.
   */
  readonly id: string
  readonly plans: ReadonlyMap<string, Plan>
  /** The entry `anonymous` of `consumers`: what callers without a plan may have; null where there is none. */
  readonly anonymous: Consumer | null
  /** The route's name, or `noRoute`. */
  readonly route: string
  /**
   * What the route's stage `shape` and its upstream's `headers` read of a request: values by which the request that
   * goes on, and so its answer, may differ.
   */
  readonly shapeReads: readonly ((exchange: Exchange) => string)[]
}

/** In the place of a route's name: for the pipeline of 400, 404 and 405, and for `/_gateway/usage`. */
export const noRoute = '*'

/** A policy inside another: any entry of the registry, as the schema left it. */
export interface InnerEntry {
  readonly use: string
}

/** `one`: the last in defaults ▸ set ▸ route wins whole. `many`: all run, in list order. */
export type Arity = 'one' | 'many'

/** What a policy's folder exports as `definition`; the registry is a literal of these. */
export interface PolicyDefinition<Options = never> {
  readonly use: string
  readonly stage: Stage
  readonly arity: Arity
  /** One line: why it stands in the table of policies. */
  readonly summary: string
  bind(options: Options, context: BindContext): BoundPolicy
  /** The token issuers that this entry trusts: `consumers` entries need `issuers` once there are several. */
  issuers?(options: Options): readonly string[]
  /**
   * Of a policy of the stage `shape`: what it reads of a request by which the one that goes on may differ. Names of the
   * template vocabulary, or a value of its own, where many requests come to few.
   */
  reads?(options: Options): readonly (string | ((exchange: Exchange) => string))[]
  /** Lower-case field names that only the gateway may write once this entry stands anywhere in the table. */
  reserves?(options: Options): readonly string[]
}
