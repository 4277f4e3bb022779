/** What `npm start` shows of a table: a line per route, and a request that it answers. Pure. */
import type { RouteDocument, RoutesDocument } from './table.ts'

// A terminal full; longer tables are for `npx isogate routes`.
const MAX_ROUTES = 40

// What stands in an `x-try` where a token has to.
const TOKEN = '<token>'

/** The routes as a table, each with a `curl` that reaches it at this URL, as who has this token. */
export function bannerLines(
  document: RoutesDocument,
  url: string,
  token: string | null = null,
): readonly string[] {
  const shown = document.routes.slice(0, MAX_ROUTES)
  const cells = shown.map((route) => [
    route.name,
    methodsOf(route),
    placeOf(route),
    answerOf(route),
  ])
  const heads = ['ROUTE', 'METHODS', 'MATCH', 'ANSWER']
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]!.length)),
  )
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd()
  const more = document.routes.length - shown.length
  return [
    line(heads),
    ...shown.flatMap((route, index) => {
      const curl = curlOf(route, url)
      return [line(cells[index]!), `    ${token === null ? curl : curl.replace(TOKEN, token)}`]
    }),
    ...(more > 0 ? [`  … and ${more} more: npx isogate routes FILE shows them all`] : []),
  ]
}

type Condition = Readonly<Record<string, unknown>>

/** A match may be a list of which one must hold: the first stands for all. */
function matchOf(route: RouteDocument): Condition {
  const match = Array.isArray(route.match) ? route.match[0] : route.match
  return isRecord(match) ? match : {}
}

function methodsOf(route: RouteDocument): string {
  const { methods } = matchOf(route)
  return Array.isArray(methods) ? methods.join(' ') : 'any'
}

function placeOf(route: RouteDocument): string {
  const { hosts, path, headers, query, body, client } = matchOf(route)
  const place = `${Array.isArray(hosts) ? hosts.join('|') : ''}${isRecord(path) ? path.regex : (path ?? '/*')}`
  const conditions = Object.entries({ headers, query, body, client })
    .filter(([, condition]) => condition !== undefined)
    .map(([name, condition]) => `${name} ${isRecord(condition) ? Object.keys(condition) : ''}`)
  return [place, ...conditions].join(' + ')
}

function answerOf(route: RouteDocument): string {
  const { upstream, redirect, respond } = route
  if (typeof upstream === 'string') return upstream
  if (Array.isArray(upstream)) {
    return upstream
      .map((share) => `${isRecord(share.upstream) ? 'inline' : share.upstream} ${share.weight}`)
      .join(' / ')
  }
  if (isRecord(upstream)) return `targets ${JSON.stringify(upstream.targets)}`
  if (isRecord(redirect)) return `redirect ${redirect.status}`
  if (isRecord(respond)) return `respond ${respond.status}`
  return Object.keys(route).find((key) => key === 'aggregate' || key === 'batch') ?? ''
}

/** `x-try` of a route gives the path, and more arguments; without it a path is made from the pattern. */
function curlOf(route: RouteDocument, url: string): string {
  const given = route['x-try']
  const match = matchOf(route)
  const words = ['curl', '-i']
  const methods = Array.isArray(match.methods) ? match.methods.map(String) : ['GET']
  if (!methods.includes('GET'))
    words.push(...(methods[0] === 'HEAD' ? ['-I'] : ['-X', methods[0]!]))
  const [host] = Array.isArray(match.hosts) ? match.hosts.map(String) : []
  if (host) words.push('-H', quoted(`Host: ${host.replace(/^\*/, 'www')}`))
  for (const [name, value] of Object.entries(isRecord(match.headers) ? match.headers : {})) {
    if (typeof value === 'string') words.push('-H', quoted(`${name}: ${value}`))
  }
  const [path, ...more] = Array.isArray(given)
    ? given.map(String)
    : [String(given ?? samplePath(match))]
  words.push(...more.map((word) => quoted(word)), quoted(`${url}${path}`))
  return words.join(' ')
}

function samplePath({ path, query }: Condition): string {
  const sample = typeof path === 'string' ? path.replaceAll(/\/[:*][^/]*/g, '/1') : '/'
  const pairs = Object.entries(isRecord(query) ? query : {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  return pairs.length === 0 ? sample : `${sample}?${new URLSearchParams(pairs)}`
}

/** One word for a POSIX shell. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
