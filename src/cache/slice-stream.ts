/** The bytes of a stream from `first` to `last`, both included; the rest before is read past, after is not read. */

export function sliceStream(
  stream: ReadableStream<Uint8Array>,
  first: number,
  last: number,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  let at = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return controller.close()
        const from = Math.max(0, first - at)
        const to = Math.min(value.byteLength, last + 1 - at)
        at += value.byteLength
        if (from >= to) continue
        controller.enqueue(value.subarray(from, to))
        if (at <= last) return
        controller.close()
        return reader.cancel()
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
