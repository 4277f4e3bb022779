/**
 * Strings with `${…}` over one vocabulary (ROUTES.md §1). Parsed when a table is compiled, read per request.
 * Logic is JSONata, not templates: this file only puts values in places.
 */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { type Encode, encodeRest, encodeText, encodeValue, type TemplateContext } from './encode.ts'
import { parseTemplate } from './parse.ts'
import { type Read, readAttribute } from './vocabulary.ts'

export type { TemplateContext } from './encode.ts'
export { attributesOf, parseTemplate } from './parse.ts'
export { isKnownLate, readAttribute } from './vocabulary.ts'

export interface BoundTemplate {
  /** The text, where it reads nothing from the request: no work is left to do. Else null. */
  readonly constant: string | null
  /** The names it reads, each once: what a stored answer depends on. */
  readonly attributes: readonly string[]
  /** The text for this request, or why a value cannot stand in its place. */
  render(exchange: Exchange): string | Refusal
}

/** Binds a text to the place where it lands. The schema has refused what is no template, so this throws on it. */
export function bindTemplate(text: string, context: TemplateContext): BoundTemplate {
  const parsed = parseTemplate(text)
  if (parsed.kind === 'invalid') throw new TypeError(`expected ${parsed.reason}`)
  const attributes = new Set<string>()
  const parts = parsed.parts.map((part): Part => {
    if (part.kind === 'text') return encodeText(context, part.text)
    attributes.add(part.name)
    return bindAttribute(part.name, context)
  })
  const [only] = parts
  if (parts.length === 1 && typeof only === 'string') return constantTemplate(only)
  return { constant: null, attributes: [...attributes], render: bindRender(parts) }
}

type Part = string | ((exchange: Exchange) => string | Refusal)

function constantTemplate(text: string): BoundTemplate {
  return { constant: text, attributes: [], render: () => text }
}

function bindRender(parts: readonly Part[]): (exchange: Exchange) => string | Refusal {
  const [only] = parts
  if (parts.length === 1 && typeof only === 'function') return only
  return function renderTemplate(exchange) {
    let text = ''
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : part(exchange)
      if (typeof piece !== 'string') return piece
      text += piece
    }
    return text
  }
}

function bindAttribute(name: string, context: TemplateContext): Part {
  const read = readAttribute(name)
  if (read === null) throw new TypeError(`expected a name that templates know, found "${name}"`)
  const inPath = context === 'path' || context === 'regex'
  if (inPath && name === 'request.path') return bindPath(read, context)
  const encode = encodeValue[context]
  const refusal = refusalFor(name, context)
  if (inPath && name.startsWith('params.')) return bindParam(name, encode, refusal)
  return function renderValue(exchange) {
    return encode(read(exchange)) ?? refusal
  }
}

/** The path of the request is a path already, normalized and encoded: it goes in as it is. */
function bindPath(read: Read, context: TemplateContext): Part {
  return context === 'regex' ? (exchange) => read(exchange).replaceAll('$', '$$$$') : read
}

/**
 * A parameter is one segment, but for `*rest`, which may be empty, and a named group of a regular expression:
 * their "/" stood in the path as such and separate here too.
 */
function bindParam(name: string, encode: Encode, refusal: Refusal): Part {
  const param = name.slice('params.'.length)
  const asRest = `/*${param}`
  return function renderParam(exchange) {
    const value = exchange.params[param] ?? ''
    const pattern = exchange.event.path ?? ''
    const mayHaveSlashes = pattern.endsWith(asRest) || (pattern.startsWith('^') && value !== '')
    return (mayHaveSlashes ? encodeRest(value) : encode(value)) ?? refusal
  }
}

function refusalFor(name: string, context: TemplateContext): Refusal {
  return context === 'path' || context === 'regex'
    ? refuse('PATH_VALUE_INVALID', { detail: `The value of ${name} is empty, "." or "..".` })
    : refuse('HEADER_VALUE_INVALID', { detail: `The value of ${name} has a line break or NUL.` })
}
