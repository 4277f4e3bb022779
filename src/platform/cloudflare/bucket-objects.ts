/** Calls to the objects of buckets. Made per request: a stub may not outlive one. */
import type { BucketReply, BucketView } from '../../buckets/messages.ts'
import type { BucketPlace } from '../../buckets/shape.ts'
import type { BucketObjects } from '../ports.ts'
import type { BucketObject } from './bucket.object.ts'

/** The names of the bindings in wrangler.toml. */
export interface BucketBindings {
  readonly BUCKETS: DurableObjectNamespace<BucketObject>
}

export function bindBucketObjects({ BUCKETS }: BucketBindings): BucketObjects {
  function open({ object, location }: BucketPlace) {
    return BUCKETS.getByName(object, location === null ? {} : { locationHint: location as never })
  }
  return {
    async call(place, shape, message) {
      try {
        return (await open(place).call(place.bucket, shape, message)) as BucketReply
      } catch (error) {
        // The runtime says so of an object with more calls than it can answer; it is never asked again at once.
        if (error instanceof Error && 'overloaded' in error && error.overloaded === true) {
          return { kind: 'overloaded' }
        }
        throw error
      }
    },
    look: async (place, shape) => (await open(place).look(place.bucket, shape)) as BucketView,
    change: async (place, shape, change) =>
      (await open(place).change(place.bucket, shape, change)) as BucketView,
  }
}
