/**
 * Reads Cache-Control of requests and answers (RFC 9111 §5.2): names without case, values as tokens or quoted
 * strings, of a repeated directive the first (§4.2.1). What is malformed stays visible as such. Pure.
 */

/** Lower-case name → value; null where the directive has none. */
export type Directives = ReadonlyMap<string, string | null>

export const noDirectives: Directives = new Map()

/** Stands for a value that cannot be read: the directive is there, and says no number (§4.2.1). */
const MALFORMED = '\0'

/** The directives of a field whose lines were joined by commas. */
export function parseCacheControl(text: string | null | undefined): Directives {
  if (text === null || text === undefined || text === '') return noDirectives
  const directives = new Map<string, string | null>()
  for (const member of splitMembers(text)) {
    const equals = member.indexOf('=')
    const written = (equals === -1 ? member : member.slice(0, equals)).toLowerCase()
    const name = written.trimEnd()
    if (name === '' || directives.has(name)) continue
    const value = equals === -1 ? null : readValue(member.slice(equals + 1))
    // Blanks around "=" are not in the grammar (§5.2): the directive is meant, its value is not trusted.
    directives.set(name, value !== null && written !== name ? MALFORMED : value)
  }
  return directives
}

/** Members between commas; a comma within a quoted string is none (RFC 9110 §5.6.1). */
function splitMembers(text: string): readonly string[] {
  if (!text.includes('"')) return text.split(',').map((member) => member.trim())
  const members: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (quoted && character === '\\') at += 1
    else if (character === '"') quoted = !quoted
    else if (character === ',' && !quoted) {
      members.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  members.push(text.slice(start).trim())
  return members
}

function readValue(written: string): string {
  if (written === '') return MALFORMED
  if (!written.startsWith('"')) return /[\s"]/.test(written) ? MALFORMED : written
  const inner = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(written)
  return inner === null ? MALFORMED : (inner[1] as string).replace(/\\([\s\S])/g, '$1')
}

// What a larger number counts as (RFC 9111 §1.2.2): it has to be at least this, and sums of it stay exact.
const MOST_SECONDS = 2_147_483_648

/** Delta-seconds (§1.2.2), or null where the text is none. */
export function readSeconds(text: string): number | null {
  return /^[0-9]+$/.test(text) ? Math.min(Number(text), MOST_SECONDS) : null
}

/** The seconds of a directive: null where it is not there, `invalid` where its value is no number. */
export function secondsOf(directives: Directives, name: string): number | 'invalid' | null {
  const value = directives.get(name)
  if (value === undefined) return null
  return value === null ? 'invalid' : (readSeconds(value) ?? 'invalid')
}

/**
 * The field names that `no-cache` or `private` is limited to, lower-case (§5.2.2.4, §5.2.2.7); null where the
 * directive is not there or holds for the whole answer. A list that cannot be read holds for the whole.
 */
export function fieldsNamedBy(directives: Directives, name: string): readonly string[] | null {
  const value = directives.get(name)
  if (value === undefined || value === null || value === MALFORMED) return null
  const names = value
    .toLowerCase()
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
  return names.length === 0 ? null : names
}

/** Whether the directive is there and holds for the whole answer. */
export function isUnqualified(directives: Directives, name: string): boolean {
  return directives.has(name) && fieldsNamedBy(directives, name) === null
}
