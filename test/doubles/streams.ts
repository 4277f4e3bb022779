/** Bodies that come in pieces, and say no length. */

/** Gives each piece when it is asked for one. */
export function streamOf(...pieces: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const waiting = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const piece = waiting.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece)
    },
  })
}

/** The text in pieces of so many bytes. */
export function streamInPieces(text: string, bytes: number): ReadableStream<Uint8Array> {
  const whole = new TextEncoder().encode(text)
  const count = Math.ceil(whole.length / bytes)
  return streamOf(
    ...Array.from({ length: count }, (_, at) => whole.slice(at * bytes, (at + 1) * bytes)),
  )
}
