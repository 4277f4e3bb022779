/** Tells the runtime how long a stream is: one of unknown length is sent in chunks. Node has no such stream. */

type FixedLength = new (length: number) => ReadableWritablePair<Uint8Array, Uint8Array>

export function withLength(
  stream: ReadableStream<Uint8Array>,
  length: number | null,
): ReadableStream<Uint8Array> {
  const { FixedLengthStream: Fixed } = globalThis as { FixedLengthStream?: FixedLength }
  return length === null || Fixed === undefined ? stream : stream.pipeThrough(new Fixed(length))
}
