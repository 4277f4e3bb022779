/** Reads distinguished names as text (RFC 2253, RFC 4514): attributes in order, escapes undone. Pure. */

export interface Attribute {
  /** In capitals, such as `CN`; an OID as it stands. */
  readonly type: string
  readonly value: string
}

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })

/** The attributes, or null where the text is no distinguished name. */
export function parseName(text: string): readonly Attribute[] | null {
  const attributes: Attribute[] = []
  for (const part of splitName(text)) {
    const equals = part.indexOf('=')
    if (equals === -1) return null
    const type = part.slice(0, equals).trim().toUpperCase()
    if (!/^(?:[A-Z][A-Z0-9-]*|[0-9]+(?:\.[0-9]+)*)$/.test(type)) return null
    attributes.push({ type, value: withoutEscapes(trim(part.slice(equals + 1))) })
  }
  return attributes
}

/** Two names are one if their attributes are, in order, whatever the spaces between them and the case of types. */
export function canonicalName(attributes: readonly Attribute[]): string {
  return JSON.stringify(attributes.map(({ type, value }) => [type, value]))
}

/** The parts between separators that are neither escaped nor quoted. */
function splitName(text: string): readonly string[] {
  const parts: string[] = []
  let from = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '\\') at++
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && (character === ',' || character === ';' || character === '+')) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  parts.push(text.slice(from))
  return parts
}

/** Without the spaces around it; one that is escaped stays. */
function trim(value: string): string {
  const start = value.trimStart()
  const end = start.trimEnd()
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(end) && end.length < start.length ? `${end} ` : end
}

function withoutEscapes(value: string): string {
  const bare = value.length > 1 && value.startsWith('"') && value.endsWith('"')
  const inner = bare ? value.slice(1, -1) : value
  return inner.replace(/(?:\\[0-9A-Fa-f]{2})+|\\(.)/gsu, (escaped, character?: string) => {
    if (character !== undefined) return character
    const bytes = Uint8Array.from(escaped.slice(1).split('\\'), (hex) => Number.parseInt(hex, 16))
    return utf8.decode(bytes)
  })
}
