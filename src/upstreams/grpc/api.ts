/** A set of descriptors that is ready for requests: messages by their names, and routes of `google.api.http`. */
import { type DescribedSet, type Protobuf, readSet } from '../../rpc/described.ts'
import { buildRouter, type RpcRouter } from './router-core.ts'

export type { Protobuf }

export interface Api extends DescribedSet {
  /** Built by the first request that is routed by it. */
  router(): RpcRouter
}

/** Null where the bytes are no set. */
export async function readApi(bytes: Uint8Array): Promise<Api | null> {
  const read = await readSet(bytes)
  if (read.kind === 'invalid') return null
  let router: RpcRouter | null = null
  return {
    ...read.set,
    router() {
      router ??= buildRouter(read.set.services)
      return router
    },
  }
}
