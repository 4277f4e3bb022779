/** `request` of a route: the message as JSON whose strings are templates. Parsed once, filled in per request. */

import type { Refusal } from '../../errors/refusal.ts'
import { put } from '../../formats/format.ts'
import { isObject, type JsonObject } from '../../formats/json-object.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { parseTemplate } from '../../template/parse.ts'
import { type BoundTemplate, bindTemplate } from '../../template/template.ts'
import type { Draft } from './fields-core.ts'
import { RenderedText } from './texts-core.ts'

type Node =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'text'; readonly template: BoundTemplate; readonly isOne: boolean }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Node])[] }

export type RenderRequest = (exchange: Exchange) => JsonObject | Refusal

export function bindRequest(json: unknown): RenderRequest {
  const node = bindNode(json)
  return function renderRequest(exchange) {
    const rendered = render(node, exchange)
    return isObject(rendered) ? rendered : {}
  }
}

function bindNode(json: unknown): Node {
  if (typeof json === 'string') {
    const template = bindTemplate(json, 'plain')
    if (template.constant !== null) return { kind: 'constant', value: template.constant }
    const parsed = parseTemplate(json)
    return {
      kind: 'text',
      template,
      isOne: parsed.kind === 'template' && parsed.parts.length === 1,
    }
  }
  if (Array.isArray(json)) return { kind: 'list', items: json.map(bindNode) }
  if (!isObject(json)) return { kind: 'constant', value: json }
  return {
    kind: 'object',
    entries: Object.entries(json).map(([key, value]) => [key, bindNode(value)]),
  }
}

function render(node: Node, exchange: Exchange): unknown {
  switch (node.kind) {
    case 'constant':
      return node.value
    case 'text': {
      // In plain text every value can stand.
      const text = node.template.render(exchange) as string
      return new RenderedText(text, node.isOne && text === '')
    }
    case 'list':
      return node.items.map((item) => render(item, exchange))
    case 'object': {
      const object: Draft = {}
      for (const [key, value] of node.entries) put(object, key, render(value, exchange))
      return object
    }
  }
}
