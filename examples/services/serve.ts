/**
 * What every demo service shares: routes by method and pattern, JSON in and out, a latency that feels like a
 * network, `/health`, and `/_demo`, the switch that makes the service slow or broken.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DemoName, demoPorts } from './ports.ts'
import { DemoSwitch } from './switch.ts'

export interface DemoRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** The parsed JSON body, or null. */
  readonly body: unknown
  /** The response itself, for answers that are streams: then return `'streaming'`. */
  readonly response: ServerResponse
}

export interface DemoAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** In the place of `json`. */
  readonly text?: string
}

type Awaitable<Value> = Value | Promise<Value>
export type DemoRoute = (request: DemoRequest) => Awaitable<DemoAnswer | 'streaming'>

/** `'GET /users/:id'` → what answers it. */
export type DemoRoutes = Readonly<Record<string, DemoRoute>>

/** The answer for something that is not there. */
export function missing(what: string): DemoAnswer {
  return { status: 404, json: { error: 'not_found', message: `There is no ${what}.` } }
}

/** The answer to a body that is not understood. */
export function invalid(message: string): DemoAnswer {
  return { status: 422, json: { error: 'invalid', message } }
}

const MAX_BODY_BYTES = 1024 * 1024

/** Serves these routes on the service's own port until the process is told to end. */
export function serve(name: DemoName, routes: DemoRoutes, latencyMs: readonly [number, number]) {
  const table = Object.entries(routes).map(([key, run]) => bindRoute(key, run))
  const trouble = new DemoSwitch()

  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://demo')
      const body = await readJsonBody(request)
      if (url.pathname === '/_demo') {
        return send(response, trouble.answer(request.method ?? 'GET', body))
      }
      if (url.pathname === '/health') return send(response, { json: { status: 'ok', name } })
      const [least, most] = latencyMs
      await sleep(least + Math.random() * (most - least))
      const failure = await trouble.strike()
      if (failure !== null) return send(response, failure)
      const matches = table.flatMap((route) => route.match(url.pathname) ?? [])
      const match = matches.find((candidate) => candidate.method === request.method)
      if (!match) return send(response, noRoute(matches.map(({ method }) => method)))
      const { headers } = request
      const asked = { params: match.params, query: url.searchParams, headers, body, response }
      const answer = await match.run(asked)
      if (answer !== 'streaming') send(response, answer)
    } catch (error) {
      if (error instanceof BadBody) return send(response, invalid(error.message))
      console.error(`${name}:`, error)
      if (!response.headersSent) send(response, { status: 500, json: { error: 'internal' } })
    }
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    console.error(`${name}: port ${demoPorts[name]}: ${error.code}`)
    process.exit(1)
  })
  server.listen(demoPorts[name], '127.0.0.1', () => {
    if (process.send) process.send({ listening: demoPorts[name] })
    else console.log(`${name} on http://127.0.0.1:${demoPorts[name]}`)
  })
  // Under `npm start` the launcher holds a channel: with its end, however it came, the service ends.
  process.on('disconnect', () => process.exit(0))
}

interface RouteMatch {
  readonly method: string
  readonly params: Readonly<Record<string, string>>
  readonly run: DemoRoute
}

function bindRoute(key: string, run: DemoRoute) {
  const [method = '', pattern = ''] = key.split(' ')
  const expression = new RegExp(`^${pattern.replaceAll(/:([a-zA-Z]+)/g, '(?<$1>[^/]+)')}$`)
  const match = (path: string): RouteMatch | null => {
    const found = expression.exec(path)
    if (!found) return null
    const params = Object.entries(found.groups ?? {}).map(
      ([name, value]) => [name, decodeURIComponent(value)] as const,
    )
    return { method, run, params: Object.fromEntries(params) }
  }
  return { match }
}

function noRoute(methods: readonly string[]): DemoAnswer {
  if (methods.length === 0) return missing('such resource')
  return {
    status: 405,
    headers: { Allow: methods.join(', ') },
    json: { error: 'method_not_allowed' },
  }
}

class BadBody extends Error {}

async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_BODY_BYTES) throw new BadBody('The body is larger than 1 MiB.')
  }
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw new BadBody('The body is not JSON.')
  }
}

function send(
  response: ServerResponse,
  { status = 200, headers = {}, json, text }: DemoAnswer,
): void {
  if (json === undefined && text === undefined) {
    response.writeHead(status, headers).end()
    return
  }
  const body = text ?? JSON.stringify(json)
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8'
  const length = Buffer.byteLength(body)
  const all = { 'Content-Type': type, 'Content-Length': length, ...headers }
  response.writeHead(status, all).end(body)
}
