/**
 * Compares the answer that went out with that of a copy: what differs, by its place and kind, never by its value.
 * Pure, and bounded by the bodies that were read.
 */

/** What was read of an answer. */
export interface Seen {
  readonly status: number
  /** The values of the fields that are compared, in the order of the rules; null for none. */
  readonly headers: readonly (string | null)[]
  /** A parsed body; `unread` where it was longer than the limit, encoded or no JSON, or is not compared. */
  readonly json: { readonly value: unknown } | 'unread'
}

export interface CompareRules {
  /** Lower-case. */
  readonly headers: readonly string[]
  readonly json: boolean
  readonly ignore: readonly IgnoredPath[]
  readonly sample: number
}

/** The members from the root; `*` stands for any. */
export type IgnoredPath = readonly string[]

/** Enough to see what kind of difference it is. */
export const MAX_DIFFERENCES = 10
/** Longer pointers are cut: names of members come from bodies. */
const MAX_POINTER = 200
/** Deeper documents are compared down to here. */
const MAX_DEPTH = 64

/** In words: `status 200 500`, `header etag`, `json missing /items/0`. Empty where nothing differs. */
export function compareSeen(first: Seen, copy: Seen, rules: CompareRules): readonly string[] {
  const found: string[] = []
  if (first.status !== copy.status) found.push(`status ${first.status} ${copy.status}`)
  for (const [index, name] of rules.headers.entries()) {
    if (first.headers[index] !== copy.headers[index]) found.push(`header ${name}`)
  }
  if (first.json !== 'unread' && copy.json !== 'unread') {
    walk(first.json.value, copy.json.value, { path: '', depth: 0, ignore: rules.ignore, found })
  } else if (rules.json && first.json !== copy.json) found.push('json unread ')
  return found.slice(0, MAX_DIFFERENCES)
}

interface Walk {
  readonly path: string
  readonly depth: number
  /** What is left of the ignored paths that lead through here. */
  readonly ignore: readonly IgnoredPath[]
  readonly found: string[]
}

function walk(first: unknown, copy: unknown, at: Walk): void {
  if (at.found.length >= MAX_DIFFERENCES || at.depth > MAX_DEPTH) return
  const kind = kindOf(first)
  if (kind !== kindOf(copy)) note('type', at)
  else if (kind === 'object' || kind === 'array') walkMembers(first, copy, at)
  else if (first !== copy) note('value', at)
}

function walkMembers(first: unknown, copy: unknown, at: Walk): void {
  const one = first as Members
  const other = copy as Members
  for (const key of Object.keys(one)) {
    const below = step(at, key)
    if (below === null) continue
    if (!Object.hasOwn(other, key)) note('missing', below)
    else walk(one[key], other[key], below)
  }
  for (const key of Object.keys(other)) {
    if (Object.hasOwn(one, key)) continue
    const below = step(at, key)
    if (below !== null) note('added', below)
  }
}

/** Also a list: its indexes are keys. */
type Members = Readonly<Record<string, unknown>>

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function note(kind: 'type' | 'value' | 'missing' | 'added', { path, found }: Walk): void {
  found.push(`json ${kind} ${path.slice(0, MAX_POINTER)}`)
}

/** Null where the member is ignored, with all below it. */
function step({ path, depth, ignore, found }: Walk, key: string): Walk | null {
  const left = ignore
    .filter(([token]) => token === '*' || token === key)
    .map((tokens) => tokens.slice(1))
  if (left.some((tokens) => tokens.length === 0)) return null
  const token = key.replaceAll('~', '~0').replaceAll('/', '~1')
  return { path: `${path}/${token}`, depth: depth + 1, ignore: left, found }
}
