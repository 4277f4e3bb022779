/**
 * An answer as stores keep it. Its head is a JSON text of ASCII, which fits into a header field as well as in front of a
 * body: there 4 bytes say how long it is, the highest first.
 */
import type { AnswerHead } from './answer.ts'

/** Grows when the form changes: what another build has written and this one cannot read is absent. */
const FORM = 1

/** Of a head: a response has at most 128 KB of header fields (Workers limits), and a store adds its own. */
export const MAX_HEAD_BYTES = 65_536
export const LENGTH_BYTES = 4

/** What follows a head: so many bytes, a body whose length is not known (true), or none (false). */
export type BodyMark = number | boolean

/** The head as a text of visible ASCII and spaces. */
export function headText(head: AnswerHead, body: BodyMark): string {
  const fields = head.fields.some(isCookie)
    ? head.fields.filter((field) => !isCookie(field))
    : head.fields
  return JSON.stringify({ form: FORM, body, ...head, fields }).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A cookie is for one client: whatever was asked for, none is kept. */
function isCookie([name]: readonly [string, string]): boolean {
  return name === 'set-cookie'
}

export interface ReadHead {
  readonly head: AnswerHead
  readonly body: BodyMark
}

/** The head in a text, or null where it is none of this form. */
export function readHead(text: string): ReadHead | null {
  let read: (AnswerHead & { readonly form: unknown; readonly body: BodyMark }) | null
  try {
    read = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof read !== 'object' || read === null || read.form !== FORM) return null
  const { status, fields, requestedAt, receivedAt, selecting, tags, generation, length } = read
  const { epoch } = read
  const isHead = Array.isArray(fields) && Array.isArray(selecting) && Array.isArray(tags)
  if (!isHead || typeof status !== 'number' || typeof generation !== 'number') return null
  const plain = { status, fields, requestedAt, receivedAt, selecting, tags, generation, length }
  const head = epoch === undefined ? plain : { ...plain, epoch }
  return { head, body: read.body }
}

/** What stands in front of the body. */
export function frameHead(head: AnswerHead, body: BodyMark): Uint8Array<ArrayBuffer> {
  const text = headText(head, body)
  const bytes = new Uint8Array(LENGTH_BYTES + text.length)
  new DataView(bytes.buffer).setUint32(0, text.length)
  new TextEncoder().encodeInto(text, bytes.subarray(LENGTH_BYTES))
  return bytes
}

/** How long the head is, by the first 4 bytes; null where that cannot be. */
export function headLength(bytes: Uint8Array): number | null {
  if (bytes.byteLength < LENGTH_BYTES) return null
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return length > 0 && length <= MAX_HEAD_BYTES ? length : null
}

// What the runtime decodes when a body is read, and encodes when it leaves.
const DECODED = new Set(['gzip', 'br'])

/** The encoding that the runtime takes off a body which is read, and puts on again; null where it leaves it as it is. */
export function encodingOf(head: AnswerHead): string | null {
  const encoding = head.fields.find(([name]) => name === 'content-encoding')?.[1].trim()
  return encoding !== undefined && DECODED.has(encoding.toLowerCase()) ? encoding : null
}

/**
 * The head of an answer whose body was read by us. A body that the runtime decoded will be encoded anew, into other
 * bytes: its length is not known, and its validator is a weak one (RFC 9110 §8.8.1).
 */
export function headOfRead(head: AnswerHead): AnswerHead {
  if (encodingOf(head) === null) return head
  const fields = head.fields
    .filter(([name]) => name !== 'content-length' && name !== 'accept-ranges')
    .map(([name, value]) => {
      const isStrong = name === 'etag' && !value.startsWith('W/')
      return [name, isStrong ? `W/${value}` : value] as const
    })
  return { ...head, fields, length: null }
}
