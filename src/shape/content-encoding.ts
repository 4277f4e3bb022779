/**
 * Content codings of answers (RFC 9110 §8.4.1). The runtime takes gzip and br off whatever script reads, and leaves the
 * field; deflate, and codings upon each other, it leaves as they are. So services are asked for none, and what still
 * comes encoded is looked at: a body that the runtime has decoded already does not begin as gzip does.
 */
import { readUpTo } from '../http/read-up-to.ts'

export type Content =
  | { readonly kind: 'whole'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'longer' }
  /** Of a coding that is not known, or not what it says. */
  | { readonly kind: 'broken' }

/** The content behind the codings, as far as the bound allows. */
export async function decodeContent(
  encoded: ArrayBuffer,
  field: string,
  maxBytes: number,
): Promise<Content> {
  const codings = field.split(',').map((coding) => coding.trim().toLowerCase())
  // Each doubles the work: nobody sends more than two.
  if (codings.length > 2) return { kind: 'broken' }
  let bytes = encoded
  for (const coding of codings.reverse()) {
    const format = formatOfCoding(coding, bytes)
    if (format === 'unknown') return { kind: 'broken' }
    if (format === null) continue
    try {
      const source = new Blob([bytes]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>
      const decoded = await readUpTo(source.pipeThrough(new DecompressionStream(format)), maxBytes)
      if (decoded === null) return { kind: 'longer' }
      bytes = decoded
    } catch {
      return { kind: 'broken' }
    }
  }
  return { kind: 'whole', bytes }
}

/** Null where nothing is left to take off. */
function formatOfCoding(coding: string, bytes: ArrayBuffer): 'gzip' | 'deflate' | 'unknown' | null {
  switch (coding) {
    case 'identity':
    case '':
      return null
    case 'gzip':
    case 'x-gzip':
      return startsAsGzip(bytes) ? 'gzip' : null
    case 'deflate':
      return 'deflate'
    case 'br':
      // The runtime has decoded it; where it cannot, what is left is no text and no value.
      return null
    default:
      return 'unknown'
  }
}

/** RFC 1952 §2.3.1. No format that is read here begins with these bytes. */
function startsAsGzip(bytes: ArrayBuffer): boolean {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength))
  return first === 0x1f && second === 0x8b
}
