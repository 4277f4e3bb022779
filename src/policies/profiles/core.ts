/** What the choice of a profile reads of a request, by name, and what answers say of it. Pure. */

// As long as names of profiles may be: what is longer names none.
const MAX_ASKED_LENGTH = 64

/** The profile that this value names, whatever its case; null where it names none. */
export function nameIn(names: ReadonlySet<string>, value: string): string | null {
  if (value === '' || value.length > MAX_ASKED_LENGTH) return null
  if (names.has(value)) return value
  const folded = value.trim().toLowerCase()
  return names.has(folded) ? folded : null
}

/** As much of a `when` as is looked at here. */
interface WrittenWhen {
  readonly headers?: Readonly<Record<string, unknown>> | undefined
}

/** What a table may say of a choice, as far as it is looked at here. */
export interface WrittenChoice {
  readonly by?: readonly string[] | undefined
  readonly profiles: Readonly<
    Record<string, { readonly when?: WrittenWhen | readonly WrittenWhen[] | undefined }>
  >
}

/** The matches of a `when`, of which one must hold. */
export function listOf<When>(when: When | readonly When[] | undefined): readonly When[] {
  if (when === undefined) return []
  return Array.isArray(when) ? (when as readonly When[]) : [when as When]
}

/** The request fields that the choice reads, as they are written, each once; cookies are one field. */
export function fieldsOfChoice({ by = [], profiles }: WrittenChoice): readonly string[] {
  const fields = new Map<string, string>()
  function add(name: string): void {
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), name)
  }
  for (const name of by) {
    if (name.startsWith('header.')) add(name.slice('header.'.length))
    if (name.startsWith('cookie.')) add('Cookie')
  }
  for (const { when } of Object.values(profiles)) {
    for (const { headers } of listOf(when)) Object.keys(headers ?? {}).forEach(add)
  }
  return [...fields.values()]
}

/** Client hints from before their names had to begin with "Sec-CH-" (RFC 8942; the drafts of its extensions). */
const oldHints = new Set([
  'save-data',
  'device-memory',
  'dpr',
  'width',
  'viewport-width',
  'rtt',
  'downlink',
  'ect',
])

/** Whether a browser sends the field where it was asked for it. */
export function isClientHint(field: string): boolean {
  const name = field.toLowerCase()
  return name.startsWith('sec-ch-') || oldHints.has(name)
}
