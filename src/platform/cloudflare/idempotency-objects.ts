/** Calls to the objects of idempotency keys. Made per request: a stub may not outlive one. */
import type { BeginReply, IdempotencyObjects, KeyPlace } from '../../idempotency/messages.ts'
import type { IdempotencyObject } from './idempotency.object.ts'

/** The name of the binding in wrangler.toml. */
export interface IdempotencyBindings {
  readonly IDEMPOTENCY: DurableObjectNamespace<IdempotencyObject>
}

export function bindIdempotencyObjects({ IDEMPOTENCY }: IdempotencyBindings): IdempotencyObjects {
  const open = ({ object }: KeyPlace) => IDEMPOTENCY.getByName(object)
  return {
    async begin(place, message) {
      try {
        return (await open(place).begin(place.entry, message)) as BeginReply
      } catch (error) {
        // The runtime says so of an object with more calls than it can answer; it is never asked again at once.
        if (error instanceof Error && 'overloaded' in error && error.overloaded === true) {
          return { kind: 'full' }
        }
        throw error
      }
    },
    renew: (place, token, leaseMs) => open(place).renew(place.entry, token, leaseMs),
    end: (place, message) => open(place).end(place.entry, message),
  }
}
