/** Makes the request of a call: path, query, fields and body, for one item or for many of `batch`. */
import type { Refusal } from '../../../errors/refusal.ts'
import type { Outgoing } from '../../../pipeline/exchange.ts'
import type { CallSpec } from '../schema.ts'
import { bindBody } from './body-template.ts'
import {
  bindCallTemplate,
  bindParameter,
  type CallMoment,
  type TemplateScope,
} from './call-template.ts'
import { bindForwardedFields, listedFields } from './forward.ts'

export interface CallRequest {
  readonly outgoing: Outgoing
  /** The same for requests that are equal, but for what all calls forward. */
  readonly key: string
  /** The fields that the call itself has, in the order of their names. */
  readonly own: readonly (readonly [name: string, value: string])[]
  /** The body as text; empty for none. */
  readonly text: string
}

export type MakeRequest = (moment: CallMoment) => CallRequest | Refusal

const accepted: Readonly<Record<NonNullable<CallSpec['from']>, string>> = {
  json: 'application/json',
  xml: 'application/xml, text/xml;q=0.9',
  text: 'text/plain, */*;q=0.1',
}

export function bindRequest(spec: CallSpec, scope: TemplateScope): MakeRequest {
  const { method = 'GET', from = 'json' } = spec
  const path = bindCallTemplate(spec.path, 'path', scope)
  const query = Object.entries(spec.query ?? {}).map(
    ([name, text]) =>
      [encodeURIComponent(name.toWellFormed()), bindParameter(text, scope)] as const,
  )
  const fields = Object.entries(spec.headers ?? {})
    .map(([name, text]) => [name.toLowerCase(), bindCallTemplate(text, 'header', scope)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const body = bindBody(spec, scope)
  const listed = listedFields(spec).sort()
  const forward = bindForwardedFields(listed)
  const prefix = JSON.stringify([spec.upstream, method, from, spec.timeoutMs ?? null, listed])

  function renderQuery(moment: CallMoment): string | Refusal {
    let text = ''
    for (const [name, render] of query) {
      const value = render(moment)
      if (value === undefined) continue
      // A list stands there once for each element.
      for (const one of isOne(value) ? [value] : value) {
        if (typeof one !== 'string') return one
        text += `${text === '' ? '?' : '&'}${name}=${one}`
      }
    }
    return text
  }

  return function makeRequest(moment) {
    const renderedPath = path(moment) ?? ''
    if (typeof renderedPath !== 'string') return renderedPath
    const renderedQuery = renderQuery(moment)
    if (typeof renderedQuery !== 'string') return renderedQuery
    const own: (readonly [string, string])[] = []
    for (const [name, render] of fields) {
      const value = render(moment)
      if (value === undefined) continue
      if (typeof value !== 'string') return value
      own.push([name, value])
    }
    const text = body === null ? '' : body.render(moment)
    if (typeof text !== 'string') return text
    const headers = forward(moment.exchange)
    headers.accept ??= accepted[from]
    if (body !== null) headers['content-type'] = body.contentType
    for (const [name, value] of own) headers[name] = value
    return {
      outgoing: {
        method,
        path: renderedPath,
        query: renderedQuery,
        headers,
        host: null,
        body: body === null ? null : bytesOf(text),
      },
      key: `${prefix}${renderedPath}${renderedQuery}\n${own.join('\n')}\n\n${text}`,
      own,
      text,
    }
  }
}

const encoder = new TextEncoder()

function bytesOf(text: string): ArrayBuffer {
  return encoder.encode(text).buffer as ArrayBuffer
}

function isOne(value: string | Refusal | readonly (string | Refusal)[]): value is string | Refusal {
  return typeof value === 'string' || 'kind' in value
}
