/**
 * Templates of a call: values of the request, of earlier calls and of the item, each encoded for the place where it
 * lands. What a value cannot do there is the client's fault or the service's, by where the value came from.
 */
import { type Refusal, refuse } from '../../../errors/refusal.ts'
import { breaksField } from '../../../http/field-values.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'
import { encodeSegment, encodeText } from '../../../template/encode.ts'
import { bindTemplate } from '../../../template/template.ts'
import { valueAt } from '../../../template/value-at.ts'
import type { Values } from '../part.ts'
import { parseReferences, type Reference, type ReferencePart } from '../plan/references.ts'
import type { CallForm } from '../scope.ts'

/** Where one request of a call is made. */
export interface CallMoment {
  readonly exchange: Exchange
  readonly values: Values
  /** Of `forEach`: one item, or with `batch` all of the request. */
  readonly items: readonly unknown[]
}

export interface TemplateScope {
  readonly names: ReadonlyMap<string, CallForm>
  readonly hasItem: boolean
  /** The list of `forEach` is made of the client's request alone: so are its items. */
  readonly isItemOfClient: boolean
  /** With `batch` a value of the item is the list of all distinct ones, with this between them; else null. */
  readonly separator: string | null
}

export type Place = 'path' | 'query' | 'header' | 'plain'

/** The text, a refusal, or undefined where the whole is one value and there is none. */
export type Render = (moment: CallMoment) => string | Refusal | undefined

/** As `Render`, and a list where the whole is one value that is one. */
export type RenderMany = (
  moment: CallMoment,
) => string | Refusal | readonly (string | Refusal)[] | undefined

/** Parses a text; the plan has refused what is no template, so this throws on it. */
export function partsOf(text: string, scope: TemplateScope): readonly ReferencePart[] {
  const parsed = parseReferences(text, { calls: scope.names, hasItem: scope.hasItem })
  if (parsed.kind === 'invalid') throw new TypeError(`expected ${parsed.reason}`)
  return parsed.parts
}

export function bindCallTemplate(text: string, place: Place, scope: TemplateScope): Render {
  const parts = partsOf(text, scope)
  const [only] = parts
  if (parts.length === 1 && only !== undefined && isValue(only)) {
    const read = bindValue(only, scope)
    const write = bindWrite(only, place, scope)
    // A path always has the segment; elsewhere nothing is nothing.
    if (place === 'path') return (moment) => write(read(moment))
    return function renderOnly(moment) {
      const value = read(moment)
      return value === undefined || value === null ? undefined : write(value)
    }
  }
  const renders = parts.map((part) => bindPart(part, place, scope))
  return function renderCallTemplate(moment) {
    let rendered = ''
    for (const render of renders) {
      const piece = typeof render === 'string' ? render : render(moment)
      if (typeof piece !== 'string') return piece
      rendered += piece
    }
    return rendered
  }
}

/** For a parameter: a list that is the whole value stands there once for each element. */
export function bindParameter(text: string, scope: TemplateScope): RenderMany {
  const parts = partsOf(text, scope)
  const [only] = parts
  const render = bindCallTemplate(text, 'query', scope)
  if (parts.length !== 1 || only === undefined || !isValue(only)) return render
  if (only.kind === 'item' && scope.separator !== null) return render
  const read = bindValue(only, scope)
  const write = bindWrite(only, 'query', scope)
  return function renderParameter(moment) {
    const value = read(moment)
    return Array.isArray(value) ? value.map(write) : render(moment)
  }
}

type ValuePart = Extract<Reference, { kind: 'call' | 'item' }>

export function isValue(part: ReferencePart): part is ValuePart {
  return part.kind === 'call' || part.kind === 'item'
}

/** Reads what a name of a call or an item stands for, as it is. */
export function bindValue(part: ValuePart, { separator }: TemplateScope): Read {
  const { path } = part
  if (part.kind === 'call') {
    const { call } = part
    return ({ values }) => valueAt(values.read(call), path)
  }
  if (separator === null) return ({ items }) => valueAt(items[0], path)
  return ({ items }) => distinct(items.map((item) => valueAt(item, path)))
}

type Read = (moment: CallMoment) => unknown

function distinct(values: readonly unknown[]): readonly unknown[] {
  const found = new Map<string, unknown>()
  for (const value of values) {
    if (value === undefined || value === null) continue
    const text = textOf(value)
    if (!found.has(text)) found.set(text, value)
  }
  return [...found.values()]
}

function bindPart(part: ReferencePart, place: Place, scope: TemplateScope): string | RenderText {
  // A parameter is a value as a whole, whoever wrote it.
  if (part.kind === 'text') {
    return place === 'query' ? encodeQuery(part.text) : encodeText(place, part.text)
  }
  if (part.kind === 'attribute') {
    const template = bindTemplate(`\${${part.name}}`, place)
    return ({ exchange }) => template.render(exchange)
  }
  const read = bindValue(part, scope)
  const write = bindWrite(part, place, scope)
  return (moment) => write(read(moment))
}

type RenderText = (moment: CallMoment) => string | Refusal

/** Writes a value into its place: a list of scalars with commas, or what `batch` says, between them. */
function bindWrite(
  part: ValuePart,
  place: Place,
  scope: TemplateScope,
): (value: unknown) => string | Refusal {
  const isBatch = part.kind === 'item' && scope.separator !== null
  const between = isBatch ? (scope.separator ?? ',') : ','
  const separator =
    place === 'path' || place === 'query'
      ? encodeText('path', between).replace(/[?#]/g, encodeURIComponent)
      : between
  const isOfClient = part.kind === 'item' && scope.isItemOfClient
  const refusal = refusalFor(part.name, place, isOfClient)
  const encode = encoders[place]
  return function writeValue(value) {
    if (!Array.isArray(value) || !value.every(isScalar)) return encode(textOf(value)) ?? refusal
    const pieces: string[] = []
    for (const element of value) {
      const piece = encode(textOf(element))
      if (piece === null) return refusal
      pieces.push(piece)
    }
    const joined = pieces.join(separator)
    return place === 'path' && joined === '' ? refusal : joined
  }
}

const encoders: Readonly<Record<Place, (text: string) => string | null>> = {
  path: encodeSegment,
  query: encodeQuery,
  header: (text) => (breaksField(text) ? null : text),
  plain: (text) => text,
}

function encodeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

/** As text: nothing is empty, and what has members is JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function refusalFor(name: string, place: Place, isOfClient: boolean): Refusal {
  const inPath = place === 'path'
  const detail = inPath
    ? `The value of ${name} is empty, "." or "..".`
    : `The value of ${name} has a line break or NUL.`
  if (isOfClient) return refuse(inPath ? 'PATH_VALUE_INVALID' : 'HEADER_VALUE_INVALID', { detail })
  return refuse('CALL_FAILED', { detail, reason: inPath ? 'path-value' : 'header-value' })
}
