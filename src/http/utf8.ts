/** Bytes that have to be text in UTF-8, or JSON in it (RFC 8259 §8.1). A byte order mark is no part of them. Pure. */

// To make a decoder takes longer than to read most bodies.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** The text; null where the bytes are none. */
export function decodeUtf8(bytes: ArrayBuffer | Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** The value of JSON; null where the bytes are none. */
export function parseJson(bytes: ArrayBuffer | Uint8Array): ParsedJson | null {
  const text = decodeUtf8(bytes)
  return text === null ? null : parseJsonText(text)
}

export interface ParsedJson {
  readonly value: unknown
}

/** The value of JSON; null where the text is none. */
export function parseJsonText(text: string): ParsedJson | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}
