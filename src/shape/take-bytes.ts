/** Takes the bytes of a body within a bound: all of them, or the body as it was. */
import { readOrReplay } from '../http/read-up-to.ts'

export type TakenBytes =
  | { readonly kind: 'whole'; readonly bytes: ArrayBuffer }
  /** Over the bound: `body` gives all of it, what was read before included. */
  | { readonly kind: 'longer'; readonly body: ReadableStream | ArrayBuffer }
  /** It broke off, or its encoding is none; `body` breaks in the same way. */
  | { readonly kind: 'broken'; readonly body: ReadableStream }

export async function takeBytes(
  body: ReadableStream | ArrayBuffer,
  maxBytes: number,
): Promise<TakenBytes> {
  if (body instanceof ArrayBuffer) {
    return body.byteLength > maxBytes ? { kind: 'longer', body } : { kind: 'whole', bytes: body }
  }
  try {
    const read = await readOrReplay(body, maxBytes)
    return read.kind === 'whole' ? read : { kind: 'longer', body: read.stream }
  } catch (error) {
    return { kind: 'broken', body: new ReadableStream({ start: (own) => own.error(error) }) }
  }
}
