/**
 * Path templates of `google.api.http` (google/api/http.proto): literals, `*`, `**`, `{field}`, `{field=segments}` and a
 * verb behind the last ":". Paths come encoded, as requests have them. Pure.
 */

type Segment = { readonly kind: 'literal'; readonly text: string } | { readonly kind: '*' | '**' }

/** A field that is filled from the path, by the segments `from` (included) to `to` (excluded) of the template. */
interface Variable {
  readonly field: readonly string[]
  readonly from: number
  readonly to: number
}

export interface PathTemplate {
  readonly segments: readonly Segment[]
  readonly variables: readonly Variable[]
  readonly verb: string | null
  /** Where `**` stands among the segments; -1 where it does not. */
  readonly deepAt: number
}

/** Values by the path of their fields. */
export type PathValues = readonly { readonly field: readonly string[]; readonly value: string }[]

const name = '[A-Za-z_][A-Za-z0-9_]*'
const fieldForm = new RegExp(`^${name}(?:\\.${name})*$`)
const literalForm = /^[A-Za-z0-9\-._~!$&'()+,;@%]+$/

/** Null where the text is no template. */
export function parsePathTemplate(text: string): PathTemplate | null {
  if (!text.startsWith('/')) return null
  const segments: Segment[] = []
  const variables: Variable[] = []
  let at = 1
  // Each turn takes a segment or a variable off the text.
  for (;;) {
    const rest = text.slice(at)
    if (rest.startsWith('{')) {
      const close = rest.indexOf('}')
      const variable = close === -1 ? null : readVariable(rest.slice(1, close), segments)
      if (variable === null) return null
      variables.push(variable)
      at += close + 1
    } else {
      const [segment = ''] = /^[^/:{}]*/.exec(rest) ?? []
      const read = readSegment(segment)
      // "/" alone is the one template with an empty segment.
      if (read === null && !(segment === '' && text.length === 1)) return null
      if (read !== null) segments.push(read)
      at += segment.length
    }
    if (text[at] !== '/') break
    at += 1
  }
  const verb = text[at] === ':' ? text.slice(at + 1) : null
  if (verb === null ? at !== text.length : !literalForm.test(verb)) return null
  const deepAt = segments.findIndex(({ kind }) => kind === '**')
  if (segments.filter(({ kind }) => kind === '**').length > 1) return null
  return { segments, variables, verb, deepAt }
}

function readVariable(text: string, segments: Segment[]): Variable | null {
  const equals = text.indexOf('=')
  const field = equals === -1 ? text : text.slice(0, equals)
  if (!fieldForm.test(field)) return null
  const from = segments.length
  for (const part of (equals === -1 ? '*' : text.slice(equals + 1)).split('/')) {
    const segment = readSegment(part)
    if (segment === null) return null
    segments.push(segment)
  }
  return { field: field.split('.'), from, to: segments.length }
}

function readSegment(text: string): Segment | null {
  if (text === '*' || text === '**') return { kind: text }
  return literalForm.test(text) ? { kind: 'literal', text: decode(text) ?? text } : null
}

/** A path as templates see it: its segments, and what stands behind the last ":" of the last one. */
export interface SplitPath {
  readonly segments: readonly string[]
  /** The last segment without its verb, and the verb; null where it has no ":". */
  readonly verb: { readonly last: string; readonly text: string } | null
}

export function splitPath(path: string): SplitPath {
  const segments = path === '/' ? [] : path.slice(1).split('/')
  const last = segments.at(-1) ?? ''
  const colon = last.lastIndexOf(':')
  const verb = colon < 1 ? null : { last: last.slice(0, colon), text: last.slice(colon + 1) }
  return { segments, verb }
}

/** What the path gives to fields, or null where it is not of this template. */
export function matchPath(template: PathTemplate, path: SplitPath): PathValues | null {
  const { segments, deepAt, verb } = template
  let parts = path.segments
  if (verb !== null) {
    if (path.verb?.text !== verb) return null
    parts = [...parts.slice(0, -1), path.verb.last]
  }
  const extra = parts.length - segments.length
  if (deepAt === -1 ? extra !== 0 : extra < -1) return null
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === '**') continue
    const part = parts[deepAt !== -1 && index > deepAt ? index + extra : index]
    if (part === undefined || part === '') return null
    if (segment.kind === 'literal' && decode(part) !== segment.text) return null
  }
  const values: { field: readonly string[]; value: string }[] = []
  for (const { field, from, to } of template.variables) {
    const isDeep = deepAt >= from && deepAt < to
    const start = deepAt !== -1 && from > deepAt ? from + extra : from
    const end = deepAt !== -1 && to > deepAt ? to + extra : to
    // Of several segments "%2F" stays as it is, or it could not be told from one between them.
    const value = isDeep || to - from > 1 ? joined(parts.slice(start, end)) : decode(parts[start])
    if (value === null) return null
    values.push({ field, value })
  }
  return values
}

function joined(parts: readonly string[]): string | null {
  const decoded = parts.map((part) =>
    part
      .split(/(%2f)/i)
      .map((piece) => (/^%2f$/i.test(piece) ? piece : decode(piece)))
      .reduce<string | null>(
        (all, piece) => (all === null || piece === null ? null : all + piece),
        '',
      ),
  )
  return decoded.includes(null) ? null : decoded.join('/')
}

function decode(text: string | undefined): string | null {
  if (text === undefined) return null
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/**
 * Orders templates: literals before `*` before `**`, segment by segment, longer before shorter, and those with a verb
 * before those without. Negative where `a` comes first.
 */
export function compareTemplates(a: PathTemplate, b: PathTemplate): number {
  if ((a.verb === null) !== (b.verb === null)) return a.verb === null ? 1 : -1
  const length = Math.max(a.segments.length, b.segments.length)
  for (let index = 0; index < length; index += 1) {
    const order = rank(a.segments[index]) - rank(b.segments[index])
    if (order !== 0) return order
  }
  return 0
}

function rank(segment: Segment | undefined): number {
  if (segment === undefined) return 3
  return segment.kind === 'literal' ? 0 : segment.kind === '*' ? 1 : 2
}
