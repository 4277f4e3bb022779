/**
 * Finds the subject alternative names in a certificate (RFC 5280 §4.2.1.6): walks its DER (X.690) down to that one
 * extension. The runtime has verified the certificate already; nothing else of it is read here. Pure.
 */

export interface AlternativeNames {
  readonly dns: readonly string[]
  readonly uri: readonly string[]
  readonly email: readonly string[]
}

export const noNames: AlternativeNames = Object.freeze({ dns: [], uri: [], email: [] })

interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

const SEQUENCE = 0x30
const EXTENSIONS = 0xa3 // [3] EXPLICIT in TBSCertificate (RFC 5280 §4.1).
const OBJECT_IDENTIFIER = 0x06
const OCTET_STRING = 0x04
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11] // 2.5.29.17

/** Tags of GeneralName: [1] rfc822Name, [2] dNSName, [6] uniformResourceIdentifier. */
const kinds: ReadonlyMap<number, keyof AlternativeNames> = new Map([
  [0x81, 'email'],
  [0x82, 'dns'],
  [0x86, 'uri'],
])

/** The names in a certificate's DER; none where it has none or cannot be read. */
export function alternativeNamesOf(der: Uint8Array): AlternativeNames {
  const certificate = childrenOf(readElements(der)?.[0], SEQUENCE)
  const body = childrenOf(certificate?.[0], SEQUENCE)
  const wrapper = childrenOf(
    body?.find(({ tag }) => tag === EXTENSIONS),
    EXTENSIONS,
  )
  for (const extension of childrenOf(wrapper?.[0], SEQUENCE) ?? []) {
    const parts = childrenOf(extension, SEQUENCE)
    const [identifier] = parts ?? []
    if (identifier?.tag !== OBJECT_IDENTIFIER || !isSubjectAltName(identifier.content)) continue
    const value = parts?.find(({ tag }) => tag === OCTET_STRING)
    const names = value === undefined ? null : readElements(value.content)
    return collect(childrenOf(names?.[0], SEQUENCE) ?? [])
  }
  return noNames
}

function collect(names: readonly Element[]): AlternativeNames {
  const found = { dns: [] as string[], uri: [] as string[], email: [] as string[] }
  for (const { tag, content } of names) {
    const kind = kinds.get(tag)
    // IA5String: what is not ASCII is no name of these kinds.
    if (kind !== undefined && content.every((byte) => byte > 0x1f && byte < 0x7f)) {
      found[kind].push(String.fromCharCode(...content))
    }
  }
  return found
}

function isSubjectAltName(identifier: Uint8Array): boolean {
  return (
    identifier.length === SUBJECT_ALT_NAME.length &&
    SUBJECT_ALT_NAME.every((byte, at) => identifier[at] === byte)
  )
}

function childrenOf(element: Element | undefined, tag: number): readonly Element[] | null {
  return element?.tag === tag ? readElements(element.content) : null
}

/** The elements that stand one after the other, or null where a length leads out of the bytes. */
function readElements(bytes: Uint8Array): readonly Element[] | null {
  const elements: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at]!
    const first = bytes[at + 1]
    if (first === undefined) return null
    // Long form: the low bits say how many bytes the length has; a certificate needs at most three.
    const lengthBytes = first < 0x80 ? 0 : first - 0x80
    if (first === 0x80 || lengthBytes > 3) return null
    const start = at + 2 + lengthBytes
    let length = lengthBytes === 0 ? first : 0
    for (const byte of bytes.subarray(at + 2, start)) length = length * 256 + byte
    if (start + length > bytes.length) return null
    elements.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return elements
}
