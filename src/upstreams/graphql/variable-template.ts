/** `variables` of a route: JSON whose strings are templates. Parsed once, filled in per request. */
import type { Exchange } from '../../pipeline/exchange.ts'
import { parseTemplate } from '../../template/parse.ts'
import { bindTemplate } from '../../template/template.ts'
import { type Coerced, coerce } from './coerce-core.ts'
import type { TypeRef } from './document-core.ts'
import { bindGiven } from './given-values.ts'

/** The value for a request; null where it has none. */
export type RenderVariable = (exchange: Exchange) => Coerced | null

/** `type` is null within objects, whose fields the service alone knows. */
export function bindVariable(json: unknown, type: TypeRef | null): RenderVariable {
  if (typeof json === 'string') return bindText(json, type)
  if (Array.isArray(json)) return bindList(json, type?.kind === 'list' ? type.of : null)
  if (typeof json === 'object' && json !== null) return bindObject(Object.entries(json))
  const constant: Coerced = { kind: 'value', value: json }
  return () => constant
}

function bindText(text: string, type: TypeRef | null): RenderVariable {
  const parsed = parseTemplate(text)
  const [only] = parsed.kind === 'template' && parsed.parts.length === 1 ? parsed.parts : []
  if (only?.kind === 'text') {
    const constant: Coerced = { kind: 'value', value: only.text }
    return () => constant
  }
  if (only?.kind === 'attribute') {
    const read = bindGiven(only.name)
    return function renderValue(exchange) {
      const given = read(exchange)
      if (given === null) return null
      if (type !== null) return coerce(type, given)
      const value = given.kind === 'json' ? given.value : single(given.texts)
      return { kind: 'value', value }
    }
  }
  const template = bindTemplate(text, 'plain')
  return function renderText(exchange) {
    // In plain text every value can stand.
    const rendered = template.render(exchange) as string
    return type === null
      ? { kind: 'value', value: rendered }
      : coerce(type, { kind: 'texts', texts: [rendered] })
  }
}

function single(texts: readonly string[]): unknown {
  return texts.length === 1 ? texts[0] : texts
}

function bindList(list: readonly unknown[], type: TypeRef | null): RenderVariable {
  const elements = list.map((element) => bindVariable(element, type))
  return function renderList(exchange) {
    const values: unknown[] = []
    for (const render of elements) {
      const rendered = render(exchange)
      if (rendered === null) continue
      if (rendered.kind === 'unfit') return rendered
      values.push(rendered.value)
    }
    return { kind: 'value', value: values }
  }
}

function bindObject(members: readonly (readonly [string, unknown])[]): RenderVariable {
  const bound = members.map(([key, member]) => [key, bindVariable(member, null)] as const)
  return function renderObject(exchange) {
    const entries: (readonly [string, unknown])[] = []
    for (const [key, render] of bound) {
      const rendered = render(exchange)
      if (rendered === null) continue
      if (rendered.kind === 'unfit') return rendered
      entries.push([key, rendered.value])
    }
    return { kind: 'value', value: Object.fromEntries(entries) }
  }
}
