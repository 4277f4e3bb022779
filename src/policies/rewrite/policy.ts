/** `rewrite`: gives the request another path, query or host on its way to the service. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { hasDotSegment } from '../../match/normalize.ts'
import { bindPrefix } from '../../match/path-prefix.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { type Edit, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { attributesOf } from '../../template/parse.ts'
import { bindTemplate } from '../../template/template.ts'
import { expandParams, replacePattern } from './core.ts'
import type { RewriteOptions } from './schema.ts'

export const definition: PolicyDefinition<RewriteOptions> = {
  use: 'rewrite',
  stage: 'shape',
  arity: 'one',
  summary: 'Changes path, query and host on the way to the service.',
  bind: bindRewrite,
  reads: ({ path = '', regex, query = '' }) =>
    [expandParams(path), expandParams(regex?.to ?? ''), query].flatMap(attributesOf),
}

/** The new path or query, or why a value of the request cannot stand in it. */
type Make = (exchange: Exchange) => string | Refusal

function bindRewrite(options: RewriteOptions): Edit {
  const makePath = bindPath(options)
  const makeQuery = bindQuery(options.query)
  const host = options.host?.toLowerCase() ?? null
  return {
    kind: 'edit',
    apply: function rewrite(exchange) {
      const { outgoing } = exchange
      // Both are made before either is written: a refused request is left as it was.
      const path = makePath === null ? outgoing.path : makePath(exchange)
      if (typeof path !== 'string') return path
      const query = makeQuery === null ? outgoing.query : makeQuery(exchange)
      if (typeof query !== 'string') return query
      outgoing.path = path
      outgoing.query = query
      if (host !== null) outgoing.host = host
      return passed
    },
  }
}

function bindPath(options: RewriteOptions): Make | null {
  if (options.stripPrefix !== undefined) return bindReplacement(options.stripPrefix, '/')
  if (options.replacePrefix !== undefined) {
    return bindReplacement(options.replacePrefix.from, options.replacePrefix.to)
  }
  if (options.path !== undefined) return bindTemplate(expandParams(options.path), 'path').render
  return options.regex === undefined ? null : bindRegex(options.regex)
}

function bindReplacement(from: string, to: string): Make {
  const replacePrefix = bindPrefix(from, to)
  return ({ outgoing }) => replacePrefix(outgoing.path)
}

const dotSegment = refuse('PATH_VALUE_INVALID', {
  detail: 'The rewritten path has "." or ".." as a segment.',
})

function bindRegex({ pattern, to }: NonNullable<RewriteOptions['regex']>): Make {
  const expression = new RegExp(pattern, 'u')
  const replacement = bindTemplate(expandParams(to), 'regex')
  return function replaceByPattern(exchange) {
    const rendered = replacement.render(exchange)
    if (typeof rendered !== 'string') return rendered
    const path = replacePattern(exchange.outgoing.path, expression, rendered)
    return hasDotSegment(path) ? dotSegment : path
  }
}

function bindQuery(text: string | undefined): Make | null {
  if (text === undefined) return null
  const template = bindTemplate(text, 'query')
  return function rewriteQuery(exchange) {
    const query = template.render(exchange)
    return typeof query === 'string' && query !== '' ? `?${query}` : query
  }
}
