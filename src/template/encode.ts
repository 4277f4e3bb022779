/** Encodes values for the place where they land, so that no value can change the structure around it. Pure. */
import { breaksField } from '../http/field-values.ts'
import { escapeHtml } from '../http/html.ts'

/**
 * Where the text of a template goes; `regex` is a replacement of what was found in a path, `json` a string of a
 * document that was parsed, `jsonText` a document as the operator wrote it.
 */
export type TemplateContext =
  | 'path'
  | 'query'
  | 'header'
  | 'json'
  | 'jsonText'
  | 'html'
  | 'regex'
  | 'plain'

/** The encoded value, or null where it cannot stand there at all. */
export type Encode = (value: string) => string | null

/** How a value is encoded. In `path` it is one segment. */
export const encodeValue: Readonly<Record<TemplateContext, Encode>> = {
  path: encodeSegment,
  query: (value) => encodeURIComponent(value.toWellFormed()),
  header: (value) => (breaksField(value) ? null : value),
  json: encodeJson,
  jsonText: encodeJson,
  html: escapeHtml,
  regex: encodeSegment,
  plain: (value) => value,
}

/** How the operator's own text is encoded: it has the syntax of its place already, but in JSON it was parsed. */
export function encodeText(context: TemplateContext, text: string): string {
  if (context === 'json') return encodeJson(text)
  return context === 'path' || context === 'regex' ? encodePathText(text) : text
}

/**
 * One segment, with "/" encoded; null for what a path cannot carry: nothing, or a dot segment, which the
 * service would resolve. Most sub-delims, ":" and "@" stay as they are (RFC 3986 §3.3); ";" and "$" do not:
 * the one begins parameters of a segment, the other a reference in a replacement (ECMA-262, GetSubstitution).
 */
export function encodeSegment(value: string): string | null {
  if (value === '' || value === '.' || value === '..') return null
  if (/^[A-Za-z0-9_.~-]+$/.test(value)) return value
  return encodeURIComponent(value.toWellFormed()).replace(
    /%(?:26|2B|2C|3A|3D|40)/g,
    decodeURIComponent,
  )
}

/**
 * Segments between "/", as the rest of a path gives them; it may be empty, and have empty segments. The escapes
 * that the rest keeps, of slashes and of escaped slashes, are escapes still (match/params.ts).
 */
export function encodeRest(value: string): string | null {
  const segments = value.split('/')
  for (const [index, segment] of segments.entries()) {
    if (segment === '') continue
    const encoded = encodeSegment(segment)
    if (encoded === null) return null
    segments[index] = encoded.replace(/%25(?=(?:25)*(?:2F|5C))/gi, '%')
  }
  return segments.join('/')
}

/** What cannot travel in a request line or a Location; escapes that are there already stay. */
function encodePathText(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}

/** The inside of a JSON string (RFC 8259 §7). */
function encodeJson(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}
