/** What the calls of an aggregate are bound with. */
import type { BoundUpstream, UpstreamScope } from '../http/upstream.ts'

export interface AggregateScope extends UpstreamScope {
  /** The name of the route. */
  readonly route: string
  /** An upstream of the table, at once; the checks have refused names that are not in it. */
  readonly find: (name: string) => BoundUpstream
  /** `timeoutMs` of the table's `defaults`, for a call where neither it nor its upstream says; null for none. */
  readonly defaultMs: number | null
  /** The largest body of a call that is read. */
  readonly maxBodyBytes: number
  /**
   * Whether something may work on behind the answer, or send again, so that calls need a signal to end with it. Else
   * they are left to the runtime, which ends them with the request.
   */
  readonly needsSignal: boolean
  /** The names of all calls: they stand before those of the vocabulary. */
  readonly names: ReadonlyMap<string, CallForm>
}

/** What a template may say of a call. */
export interface CallForm {
  /** With `forEach` it is a list of answers: a reference has an index. */
  readonly isList: boolean
}
