/**
 * Entity tags of answers that a policy changes. `"abc"` of a service goes out as `W/"abc;<mark>"`: another form of the
 * same state. What clients say of it is taken back for those within, so that the service and the cache can still
 * answer 304. The mark is a hash of all that the form depends on: after a change of the table no old copy is taken
 * for a new one.
 */
import { isEncoded } from '../http/body.ts'
import { parseTags } from '../http/etag.ts'
import { emptyFields, type Fields } from '../http/headers.ts'
import type { Exchange } from '../pipeline/exchange.ts'

/** A short hash of what a form depends on: no secret stands behind it, only chance must not make two alike. */
export function makeMark(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts)
  // FNV-1a over UTF-16 code units, from its own offset basis and from another one: 64 bits together.
  return hex(fnv(text, 0x811c9dc5)) + hex(fnv(text, 0x050c5d1f))
}

const FNV_PRIME = 0x01000193

function fnv(text: string, basis: number): number {
  let hash = basis
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  }
  return hash >>> 0
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0')
}

/** Behind the mark of a tag that was weak before: a service is told its own tag again, letter by letter. */
const WAS_WEAK = 'w'

/** The tag with the mark. Changed bytes are no longer what a strong tag says (RFC 9110 §8.8.1); others may keep it. */
export function markTag(tag: string, mark: string, isChanged: boolean): string {
  const isWeak = tag.startsWith('W/')
  const opaque = isWeak ? tag.slice(2) : tag
  if (!/^"[^"]*"$/.test(opaque)) return tag
  const marked = `${opaque.slice(0, -1)};${mark}${isWeak ? WAS_WEAK : ''}"`
  return isWeak || isChanged ? `W/${marked}` : marked
}

/** The tag without the mark; null where it has another one, or none. */
export function unmarkTag(tag: string, mark: string): string | null {
  const opaque = tag.startsWith('W/') ? tag.slice(2) : tag
  if (opaque.endsWith(`;${mark}"`)) return `${opaque.slice(0, -mark.length - 2)}"`
  const end = `;${mark}${WAS_WEAK}"`
  return opaque.endsWith(end) ? `W/${opaque.slice(0, -end.length)}"` : null
}

/**
 * The tag of an answer, to be marked. That of an encoded one is as good as weak: whoever keeps it encodes it anew, and
 * calls it weak then (RFC 9110 §8.8.3.3). Both times it has to be the same tag.
 */
export function tagOf({ headers }: { readonly headers: Headers }): string | null {
  const tag = headers.get('etag')
  if (tag === null || tag.startsWith('W/')) return tag
  return isEncoded(headers.get('content-encoding')) ? `W/${tag}` : tag
}

const conditional = ['if-none-match', 'if-match', 'if-range', 'range'] as const

/**
 * Puts the client's conditions in terms of the answer before its change. A part of a changed answer cannot be had
 * (RFC 9110 §14.2 lets the whole be sent instead).
 */
export function takeConditionsInside(exchange: Exchange, mark: string): void {
  const { received, outgoing, method } = exchange
  if (conditional.every((name) => received[name] === undefined)) return
  const isRead = method === 'GET' || method === 'HEAD'
  const inside = Object.assign(emptyFields(), received)
  takeInside(inside, mark, isRead)
  exchange.received = inside
  takeInside(outgoing.headers, mark, isRead)
}

function takeInside(fields: Fields, mark: string, isRead: boolean): void {
  const noneMatch = fields['if-none-match']
  if (noneMatch !== undefined) {
    const taken = takeTags(noneMatch, mark, isRead)
    if (taken === '') {
      delete fields['if-none-match']
      // The client's copy is of another form: that the service's answer is as old does not make it this one.
      delete fields['if-modified-since']
    } else fields['if-none-match'] = taken
  }
  const match = fields['if-match']
  if (match !== undefined) fields['if-match'] = takeTags(match, mark, false)
  if (!isRead) return
  delete fields.range
  delete fields['if-range']
}

/**
 * A stranger's tag is dropped where it could make a 304 for a form that the client does not have; where it guards a
 * change it stays, for without it the change would be made unasked.
 */
function takeTags(field: string, mark: string, dropStrangers: boolean): string {
  if (field.trim() === '*') return field
  return parseTags(field)
    .flatMap((tag) => unmarkTag(tag, mark) ?? (dropStrangers ? [] : [tag]))
    .join(', ')
}
