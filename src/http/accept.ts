/**
 * Proactive negotiation by Accept (RFC 9110 §12.5.1): of the media types that there are, the one that the client wants
 * most. What is malformed is as if it were not there. Pure.
 */

/** Members that are looked at; browsers send fewer than ten. */
const MAX_RANGES = 64

/** The one of `available` to answer with, or null where none is acceptable. Of equals the first; all are equal to who says nothing. */
export function chooseMediaType(
  accept: string | null | undefined,
  available: readonly string[],
): string | null {
  const [first = null] = available
  if (accept === null || accept === undefined) return first
  const ranges = parseAccept(accept)
  if (ranges.length === 0) return first
  let best: string | null = null
  let bestQuality = 0
  for (const mediaType of available) {
    const quality = qualityOf(mediaType, ranges)
    if (quality <= bestQuality) continue
    best = mediaType
    bestQuality = quality
  }
  return best
}

interface MediaRange {
  /** In lower case; `*` for any. */
  readonly type: string
  readonly subtype: string
  readonly parameters: readonly Parameter[]
  /** From 0, which is "not this", to 1. */
  readonly quality: number
}

/** The name in lower case. */
type Parameter = readonly [name: string, value: string]

/** What the most specific range that fits says of the media type (§12.5.1); 0 where none fits. */
function qualityOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const offered = parseRange(mediaType)
  if (offered === null) return 0
  let quality = 0
  let precision = -1
  for (const range of ranges) {
    const found = precisionOf(range, offered)
    // Of two that are as specific the better one counts: the client asked for it, after all.
    if (found < precision || (found === precision && range.quality <= quality)) continue
    if (found === -1) continue
    precision = found
    quality = range.quality
  }
  return quality
}

/** How specific the range is, which fits the media type; -1 where it does not. */
function precisionOf(range: MediaRange, offered: MediaRange): number {
  if (range.type === '*') return 0
  if (range.type !== offered.type) return -1
  if (range.subtype === '*') return 1
  if (range.subtype !== offered.subtype) return -1
  const fits = range.parameters.every(([name, value]) =>
    offered.parameters.some(([other, its]) => other === name && isSame(name, value, its)),
  )
  return fits ? 2 + range.parameters.length : -1
}

/** Values of `charset` are the same in any case (§8.3.2); of others the media type would have to say so. */
function isSame(name: string, value: string, other: string): boolean {
  return name === 'charset' ? value.toLowerCase() === other.toLowerCase() : value === other
}

function parseAccept(field: string): MediaRange[] {
  const ranges: MediaRange[] = []
  MEMBER.lastIndex = 0
  for (let count = 0; count < MAX_RANGES; count++) {
    const [member] = MEMBER.exec(field) ?? []
    if (member === undefined) break
    const range = parseRange(member)
    if (range !== null) ranges.push(range)
  }
  return ranges
}

/** What stands between commas that are not in quotes; a quote without end takes the rest. */
const MEMBER = /(?:[^",]|"(?:[^"\\]|\\.)*(?:"|$))+/g
const RANGE = /^[ \t]*([!#$%&'*+\-.^_`|~\w]+)\/([!#$%&'*+\-.^_`|~\w]+)[ \t]*/
const PARAMETER =
  /[ \t]*;[ \t]*(?:([!#$%&'*+\-.^_`|~\w]+)=(?:([!#$%&'*+\-.^_`|~\w]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*/y
/** At most three digits (§12.4.2). */
const QUALITY = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/

function parseRange(member: string): MediaRange | null {
  const [start, type, subtype] = RANGE.exec(member) ?? []
  if (start === undefined || type === undefined || subtype === undefined) return null
  if (type === '*' && subtype !== '*') return null
  const parameters: Parameter[] = []
  let quality = 1
  let isBehindQuality = false
  PARAMETER.lastIndex = start.length
  while (PARAMETER.lastIndex < member.length) {
    const found = PARAMETER.exec(member)
    if (found === null) return null
    const [, name, token, quoted] = found
    if (name === undefined) continue
    const value = token ?? (quoted ?? '').replace(/\\(.)/g, '$1')
    if (name.toLowerCase() === 'q') {
      if (!QUALITY.test(value)) return null
      quality = Number(value)
      isBehindQuality = true
    } else if (!isBehindQuality && !isUtf8(name, value)) {
      // What stands behind the weight belonged to Accept and not to the media type (RFC 7231); it is no longer used.
      parameters.push([name.toLowerCase(), value])
    }
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters, quality }
}

/** All text that goes out is UTF-8: to ask for that is to ask for nothing. */
function isUtf8(name: string, value: string): boolean {
  return name.toLowerCase() === 'charset' && /^utf-?8$/i.test(value)
}
