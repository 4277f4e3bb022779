/**
 * The common shape of every policy. A policy is one of three kinds, so that `mode`, `when` and the
 * event's outcomes are written once, in compose.ts, and not in each policy.
 */
import type * as z from 'zod/mini'
import type { Refusal } from '../errors/refusal.ts'
import type { Environment } from '../platform/ports.ts'
import type { Answer, Exchange } from './exchange.ts'
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

export type BoundPolicy = Gate | Edit | Wrap

/** What anything of a table may ask for while it is compiled. */
export interface BindScope {
  /** JSON Pointer of the thing in the document. */
  readonly pointer: string
  readonly environment: Environment
  /** Notes that something is missing here: the routes that need it answer ROUTE_UNAVAILABLE. */
  missing(
    pointer: string,
    code: 'SECRET_MISSING' | 'SECRET_INVALID' | 'VARIABLE_MISSING' | 'SERVICE_MISSING',
    name: string,
  ): void
}

/** The same for a policy. */
export interface BindContext extends BindScope {
  /** The policy's own name: `name`, else `<use>-<n>` counted in the route. */
  readonly name: string
  /** The route's name, or `*` for the pipeline of 400, 404 and 405. */
  readonly route: string
}

/** `one`: the last in defaults ▸ set ▸ route wins whole. `many`: all run, in list order. */
export type Arity = 'one' | 'many'

/** What a policy's folder exports as `definition`; the registry is a literal of these. */
export interface PolicyDefinition<Options = never> {
  readonly use: string
  /** The schema of its entry in `policies`, from src/policies/schema.ts. */
  readonly schema: z.ZodMiniType<Options>
  readonly stage: Stage
  readonly arity: Arity
  /** One line: why it stands in the table of policies. */
  readonly summary: string
  bind(options: Options, context: BindContext): BoundPolicy
}
