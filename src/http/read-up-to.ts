/** Reads a stream whole, as far as a limit allows. */

export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: ArrayBuffer }
  /** There is more than the limit. The stream gives all of it, what was read before included. */
  | { readonly kind: 'longer'; readonly stream: ReadableStream<Uint8Array> }

/** All bytes of a stream, or null as soon as there are more than the limit; the rest is called off. */
export async function readUpTo(
  stream: ReadableStream,
  limitBytes: number,
): Promise<ArrayBuffer | null> {
  const read = await readOrReplay(stream, limitBytes)
  if (read.kind === 'whole') return read.bytes
  await read.stream.cancel()
  return null
}

/** All bytes of a stream, or a stream in its place as soon as there are more than the limit: nothing is lost. */
export async function readOrReplay(stream: ReadableStream, limitBytes: number): Promise<ReadBody> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = stream.getReader() as ReadableStreamDefaultReader<Uint8Array>
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { kind: 'whole', bytes: join(chunks, size) }
    size += value.byteLength
    chunks.push(value)
    if (size > limitBytes) return { kind: 'longer', stream: replay(chunks, reader) }
  }
}

function replay(
  chunks: Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const read = chunks.shift()
      if (read !== undefined) return controller.enqueue(read)
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

/** The bytes of all chunks, which are `size` together. */
export function join(chunks: readonly Uint8Array[], size: number): ArrayBuffer {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes.buffer
}
