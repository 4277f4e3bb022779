/** `respond`: answers from the table itself. */
import type { Handler } from '../../config/plan.ts'
import type { Refusal } from '../../errors/refusal.ts'
import { isBodiless } from '../../http/bodiless.ts'
import { essenceOf } from '../../http/essence.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { type BoundTemplate, bindTemplate, type TemplateContext } from '../../template/template.ts'
import type { RespondOptions } from './schema.ts'

export function bindRespond(options: RespondOptions): Handler {
  const headers = Object.entries(options.headers ?? {}).map(
    ([name, value]) => [name, bindTemplate(value, 'header')] as const,
  )
  const body = isBodiless(options.status) ? null : bindBody(options)
  const type = options.json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
  return function respond(exchange) {
    const answer = new Headers(body === null ? {} : { 'content-type': type })
    for (const [name, value] of headers) {
      const rendered = value.render(exchange)
      if (typeof rendered !== 'string') return rendered
      answer.set(name, rendered)
    }
    const content = body === null ? null : renderBody(body, exchange)
    if (content !== null && typeof content !== 'string') return content
    const sent = exchange.method === 'HEAD' ? null : content
    return new Response(sent, { status: options.status, headers: answer })
  }
}

/** Parts that are joined: constant text and templates. */
type Body = readonly (string | BoundTemplate)[]

function bindBody({ body, json, headers }: RespondOptions): Body | null {
  if (json !== undefined) return bindJson(json)
  return body === undefined ? null : [bindTemplate(body, contextOf(typeOf(headers ?? {})))]
}

/** The media type that the table gives the answer; the last one counts, as it does in the answer. */
function typeOf(headers: Readonly<Record<string, string>>): string {
  const given = Object.entries(headers).findLast(([name]) => name.toLowerCase() === 'content-type')
  return essenceOf(given?.[1])
}

/** As what a reader of this media type takes a value; a type that the request chooses may be HTML. */
function contextOf(type: string): TemplateContext {
  if (/[/+]json$/.test(type)) return 'jsonText'
  return /[/+](?:html|xml)$/.test(type) || type.includes('${') ? 'html' : 'plain'
}

function renderBody(body: Body, exchange: Exchange): string | Refusal {
  let content = ''
  for (const part of body) {
    const rendered = typeof part === 'string' ? part : part.render(exchange)
    if (typeof rendered !== 'string') return rendered
    content += rendered
  }
  return content
}

/** The document as text, once; only its strings with templates are left to render. */
function bindJson(value: unknown): Body {
  const parts: (string | BoundTemplate)[] = []
  let text = ''
  function flush(): void {
    if (text !== '') parts.push(text)
    text = ''
  }
  function write(node: unknown): void {
    if (typeof node === 'string') writeString(node)
    else if (Array.isArray(node)) writeList('[', node, ']', write)
    else if (typeof node === 'object' && node !== null) {
      writeList('{', Object.entries(node), '}', ([key, member]) => {
        text += `${JSON.stringify(key)}:`
        write(member)
      })
    } else text += JSON.stringify(node)
  }
  function writeList<T>(open: string, items: readonly T[], close: string, each: (item: T) => void) {
    text += open
    items.forEach((item, index) => {
      if (index > 0) text += ','
      each(item)
    })
    text += close
  }
  function writeString(string: string): void {
    const template = bindTemplate(string, 'json')
    text += '"'
    if (template.constant !== null) text += template.constant
    else {
      flush()
      parts.push(template)
    }
    text += '"'
  }
  write(value)
  flush()
  return parts
}
