/** `redirect`: answers with a Location made of the request and the table. */
import type { Handler } from '../../config/plan.ts'
import { bindPrefix } from '../../match/path-prefix.ts'
import { bindTemplate } from '../../template/template.ts'
import { buildLocation } from './core.ts'
import type { RedirectOptions } from './schema.ts'

export function bindRedirect(options: RedirectOptions): Handler {
  const { replacePrefix } = options
  const replace = replacePrefix && bindPrefix(replacePrefix.from, replacePrefix.to)
  const path = options.path === undefined ? null : bindTemplate(options.path, 'path')
  const query = options.query === undefined ? null : bindTemplate(options.query, 'query')
  return function redirect(exchange) {
    const renderedPath = path?.render(exchange)
    if (renderedPath !== undefined && typeof renderedPath !== 'string') return renderedPath
    const renderedQuery = query?.render(exchange)
    if (renderedQuery !== undefined && typeof renderedQuery !== 'string') return renderedQuery
    const location = buildLocation(exchange.target, {
      scheme: options.scheme,
      host: options.host,
      port: options.port,
      path: renderedPath ?? replace?.(exchange.target.path),
      query: renderedQuery,
    })
    return new Response(null, { status: options.status, headers: { location } })
  }
}
