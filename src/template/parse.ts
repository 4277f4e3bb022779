/**
 * Reads strings with `${…}` over one vocabulary (ROUTES.md §1). `$${` is a literal `${`. What the
 * vocabulary does not have is invalid, never empty text: a misspelled name would otherwise pass unseen.
 */
import { expectedName, isAttributeName } from './vocabulary.ts'

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `name` as written, such as `params.id`. */
  | { readonly kind: 'attribute'; readonly name: string }

export interface ParsedTemplate {
  readonly kind: 'template'
  readonly parts: readonly TemplatePart[]
}

export interface InvalidTemplate {
  readonly kind: 'invalid'
  /** What was expected instead: a noun phrase. */
  readonly reason: string
  /** Index of the first character of the place. */
  readonly at: number
}

export function parseTemplate(text: string): ParsedTemplate | InvalidTemplate {
  return splitTemplate(text, resolveAttribute)
}

function resolveAttribute(name: string): Resolved<TemplatePart> {
  return isAttributeName(name)
    ? { kind: 'part', part: { kind: 'attribute', name } }
    : { kind: 'invalid', reason: expectedName(name) }
}

/** What a name in `${…}` stands for, or what was expected in its place. */
export type Resolved<Part> =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'invalid'; readonly reason: string }

export interface SplitTemplate<Part> {
  readonly kind: 'template'
  readonly parts: readonly (Part | { readonly kind: 'text'; readonly text: string })[]
}

/** The same, where more or other names stand for something than the vocabulary has. */
export function splitTemplate<Part>(
  text: string,
  resolve: (name: string) => Resolved<Part>,
): SplitTemplate<Part> | InvalidTemplate {
  const parts: (Part | { readonly kind: 'text'; readonly text: string })[] = []
  let literal = ''
  let at = 0
  for (;;) {
    const open = text.indexOf('${', at)
    if (open === -1) break
    if (text[open - 1] === '$' && open > at) {
      literal += `${text.slice(at, open - 1)}\${`
      at = open + 2
      continue
    }
    const close = text.indexOf('}', open)
    if (close === -1) return { kind: 'invalid', reason: '"}" after "${"', at: open }
    const resolved = resolve(text.slice(open + 2, close))
    if (resolved.kind === 'invalid') return { kind: 'invalid', reason: resolved.reason, at: open }
    literal += text.slice(at, open)
    if (literal !== '') parts.push({ kind: 'text', text: literal })
    literal = ''
    parts.push(resolved.part)
    at = close + 1
  }
  literal += text.slice(at)
  if (literal !== '' || parts.length === 0) parts.push({ kind: 'text', text: literal })
  return { kind: 'template', parts }
}

/** The names that a text reads, each once; none where the text is no template. */
export function attributesOf(text: string): readonly string[] {
  const parsed = parseTemplate(text)
  if (parsed.kind === 'invalid') return []
  const names = parsed.parts.flatMap((part) => (part.kind === 'attribute' ? [part.name] : []))
  return [...new Set(names)]
}
