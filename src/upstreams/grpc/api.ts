/** A set of descriptors that is ready for requests: routes of `google.api.http`, and messages by their names. */
import { type OutlineService, readOutline } from '../../rpc/outline-core.ts'
import { buildRouter, type RpcRouter } from './router-core.ts'

/** The library as a value: loaded late, and handed to whoever works with messages. */
export type Protobuf = typeof import('./protobuf.ts')

export interface Api {
  readonly library: Protobuf
  readonly registry: ReturnType<Protobuf['createFileRegistry']>
  readonly services: readonly OutlineService[]
  /** Built by the first request that is routed by it. */
  router(): RpcRouter
}

export type ReadApi =
  | { readonly kind: 'api'; readonly api: Api }
  /** `reason`: what was found, to read after "found". */
  | { readonly kind: 'invalid'; readonly reason: string }

/** Reads a whole set: what the library cannot put together is invalid. */
export async function readApi(bytes: Uint8Array): Promise<ReadApi> {
  const outline = readOutline(bytes)
  if (outline.kind === 'invalid') return outline
  const library = await import('./protobuf.ts')
  const { services } = outline
  try {
    const set = library.fromBinary(library.FileDescriptorSetSchema, bytes)
    const registry = library.createFileRegistry(set)
    let router: RpcRouter | null = null
    return {
      kind: 'api',
      api: {
        library,
        registry,
        services,
        router() {
          router ??= buildRouter(services)
          return router
        },
      },
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'invalid', reason: `a set that does not hold together (${reason})` }
  }
}
