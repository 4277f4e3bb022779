/** Byte ranges (RFC 9110 §14): what one Range field asks of so many bytes, and Content-Range. Pure. */

export type RangeVerdict =
  /** The field is not there, of another unit, malformed or asks for several: the whole answers (§14.2). */
  | { readonly kind: 'whole' }
  /** First and last byte, both included. */
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  /** Nothing of it is there (§15.5.17). */
  | { readonly kind: 'unsatisfiable' }

const whole: RangeVerdict = { kind: 'whole' }

/** What a Range field asks of a representation of `length` bytes. */
export function judgeRange(field: string | undefined, length: number): RangeVerdict {
  if (field === undefined) return whole
  const found = /^\s*bytes\s*=\s*(\d*)-(\d*)\s*$/i.exec(field)
  if (found === null) return whole
  const [, from = '', to = ''] = found
  if (from === '' && to === '') return whole
  if (from === '') {
    const suffix = Number(to)
    if (suffix === 0 || length === 0) return { kind: 'unsatisfiable' }
    return { kind: 'part', first: Math.max(0, length - suffix), last: length - 1 }
  }
  const first = Number(from)
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1)
  if (to !== '' && Number(to) < first) return whole
  return first >= length ? { kind: 'unsatisfiable' } : { kind: 'part', first, last }
}

/** Content-Range of a part, or of a 416 where there is none (RFC 9110 §14.4). */
export function writeContentRange(
  part: { readonly first: number; readonly last: number } | null,
  length: number,
): string {
  return part === null ? `bytes */${length}` : `bytes ${part.first}-${part.last}/${length}`
}

/** Where a stored part of a representation lies, by its Content-Range; null where that cannot be told. */
export interface Held {
  readonly first: number
  readonly last: number
  /** Of the whole. */
  readonly length: number
}

export function parseContentRange(field: string | null): Held | null {
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(field ?? '')
  if (found === null) return null
  const [first, last, length] = [Number(found[1]), Number(found[2]), Number(found[3])]
  return first <= last && last < length ? { first, last, length } : null
}
