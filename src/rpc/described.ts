/** A set of descriptors as the protobuf library reads it, which is loaded by whoever asks first. */
import { type OutlineService, readOutline } from './outline-core.ts'

/** The library as a value: loaded late, and handed to whoever works with messages. */
export type Protobuf = typeof import('./protobuf.ts')

export interface DescribedSet {
  readonly library: Protobuf
  readonly registry: ReturnType<Protobuf['createFileRegistry']>
  readonly services: readonly OutlineService[]
}

export type ReadSet =
  | { readonly kind: 'set'; readonly set: DescribedSet }
  /** `reason`: what was found, to read after "found". */
  | { readonly kind: 'invalid'; readonly reason: string }

/** Reads a whole set: what the library cannot put together is invalid. */
export async function readSet(bytes: Uint8Array): Promise<ReadSet> {
  const outline = readOutline(bytes)
  if (outline.kind === 'invalid') return outline
  const library = await import('./protobuf.ts')
  try {
    const read = library.fromBinary(library.FileDescriptorSetSchema, bytes)
    const registry = library.createFileRegistry(read)
    return { kind: 'set', set: { library, registry, services: outline.services } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'invalid', reason: `a set that does not hold together (${reason})` }
  }
}
