/**
 * Content-Digest (RFC 9530 §2): the digests of a body that its sender states. Only those of §5 that are not
 * broken are looked at; others are passed over, as if they were not there. Pure.
 */
import { parseDictionary } from './structured-fields.ts'

export interface StatedDigest {
  /** The name that Web Crypto has for it. */
  readonly algorithm: 'SHA-256' | 'SHA-512'
  readonly digest: Uint8Array<ArrayBuffer>
}

/** The digests of a Content-Digest field; none where it has no usable one, or cannot be read. */
export function statedDigests(field: string): readonly StatedDigest[] {
  const dictionary = parseDictionary(field)
  if (dictionary === null) return []
  return [...known].flatMap(([key, algorithm]) => {
    const member = dictionary.get(key)
    if (member?.kind !== 'item' || member.value.kind !== 'bytes') return []
    return [{ algorithm, digest: member.value.value }]
  })
}

const known: ReadonlyMap<string, StatedDigest['algorithm']> = new Map([
  ['sha-256', 'SHA-256'],
  ['sha-512', 'SHA-512'],
])
