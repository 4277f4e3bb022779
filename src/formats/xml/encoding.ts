/** The text of a document of XML: which character set it is in (RFC 7303 §3). Pure. */
import { decodeText, markedCharset } from '../charset.ts'

/** A byte order mark first, then `charset` of the Content-Type, then what the document says, else UTF-8. */
export function decodeXml(bytes: ArrayBuffer, charset: string | null): string | null {
  return decodeText(bytes, markedCharset(bytes) ?? charset ?? declaredCharset(bytes))
}

/** As far as a declaration with a long name of an encoding reaches, and many blanks. */
const DECLARATION_BYTES = 256

/** XML 1.0 appendix F, for the sets that TextDecoder has: UTF-16 by its zero bytes, else ASCII and what it says. */
function declaredCharset(bytes: ArrayBuffer): string | null {
  const head = new Uint8Array(bytes, 0, Math.min(DECLARATION_BYTES, bytes.byteLength))
  if (head[0] === 0x3c && head[1] === 0) return 'utf-16le'
  if (head[0] === 0 && head[1] === 0x3c) return 'utf-16be'
  const text = String.fromCharCode(...head)
  const [, double, single] =
    /^<\?xml[^>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*(?:"([\w.-]+)"|'([\w.-]+)')/.exec(text) ??
    []
  const label = double ?? single ?? null
  // Bytes that could be read so far are not in it, whatever they say.
  return label !== null && /^utf-?16/i.test(label) ? 'utf-8' : label
}
