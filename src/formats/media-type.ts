/** Media types (RFC 9110 §8.3.1) and the formats that they name; structured suffixes count (RFC 6838 §4.2.8). Pure. */
import type { Format } from './format.ts'

export interface Told {
  /** Null where no format of ours is named, or the field is none. */
  readonly format: Format | null
  /** The parameter `charset` in lower case, where there is one. */
  readonly charset: string | null
}

const ESSENCE = /^[ \t]*([!#$%&'*+\-.^_`|~\w]+\/[!#$%&'*+\-.^_`|~\w]+)[ \t]*(?:;|$)/
const CHARSET = /;[ \t]*charset[ \t]*=[ \t]*(?:"([^"\\]*)"|([^ \t;"]+))/i

/** The format and character set that a Content-Type names. */
export function formatOf(contentType: string | undefined): Told {
  const [, written] = ESSENCE.exec(contentType ?? '') ?? []
  if (contentType === undefined || written === undefined) return { format: null, charset: null }
  const [, quoted, bare] = CHARSET.exec(contentType) ?? []
  const charset = (quoted ?? bare)?.trim().toLowerCase() ?? null
  return { format: formatOfEssence(written.toLowerCase()), charset }
}

function formatOfEssence(essence: string): Format | null {
  const known = formats.get(essence)
  if (known !== undefined) return known
  const suffix = suffixes.find(([text]) => essence.endsWith(text))
  if (suffix !== undefined) return suffix[1]
  return essence.startsWith('text/') ? 'text' : null
}

/** Null: text that is a stream, which has no end to wait for. */
const formats: ReadonlyMap<string, Format | null> = new Map([
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
  ['text/csv', 'csv'],
  ['application/x-www-form-urlencoded', 'form'],
  ['application/cbor', 'cbor'],
  ['application/vnd.msgpack', 'msgpack'],
  ['application/msgpack', 'msgpack'],
  ['application/x-msgpack', 'msgpack'],
  ['text/event-stream', null],
])

const suffixes: readonly (readonly [string, Format])[] = [
  ['+json', 'json'],
  ['+xml', 'xml'],
  ['+cbor', 'cbor'],
]
