/** One thing beside passing the request on, chosen by the variable COST; see ../cost-titles.ts. */
import type { Cost } from '../cost-titles.ts'

interface Bindings {
  readonly ORIGIN: string
  readonly COST: Cost
}

type Respond = (
  request: Request,
  url: string,
  context: ExecutionContext,
) => Response | Promise<Response>

const fields = Object.entries({
  via: '1.1 gateway',
  forwarded: 'for=192.0.2.1;host=api.example.com;proto=http',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-host': 'api.example.com',
  'x-forwarded-proto': 'http',
})

const line = JSON.stringify({ time: '2026-01-01T00:00:00.000Z', text: 'x'.repeat(300) })

const pass = (request: Request, url: string, more: RequestInit = {}) =>
  fetch(url, {
    method: request.method,
    headers: request.headers,
    body: null,
    redirect: 'manual',
    ...more,
  })

/** Reads all fields into an object, adds six, and sends it. */
function passObject(request: Request, url: string, onward: Record<string, string>) {
  request.headers.forEach((value, name) => {
    onward[name] = value
  })
  for (const [name, value] of fields) onward[name] = value
  return fetch(url, { method: request.method, headers: onward, body: null, redirect: 'manual' })
}

async function nest(depth: number, work: () => Promise<Response>): Promise<Response> {
  return depth === 0 ? await work() : await nest(depth - 1, work)
}

const responds: Readonly<Record<Cost, Respond>> = {
  plain: (request, url) => pass(request, url),
  body: (request, url) => pass(request, url, { body: request.body }),
  read: (request, url) => {
    let length = 0
    request.headers.forEach((value, name) => {
      length += value.length + name.length
    })
    return length === 0 ? new Response(null) : pass(request, url)
  },
  object: (request, url) => passObject(request, url, {}),
  dictionary: (request, url) => passObject(request, url, Object.create(null)),
  pairs: (request, url) => {
    const pairs: [string, string][] = []
    request.headers.forEach((value, name) => {
      pairs.push([name, value])
    })
    return pass(request, url, { headers: [...pairs, ...fields] })
  },
  copy: (request, url) => {
    const headers = new Headers(request.headers)
    for (const [name, value] of fields) headers.set(name, value)
    return pass(request, url, { headers })
  },
  request: (request, url) => {
    const outgoing = new Request(url, request)
    for (const [name, value] of fields) outgoing.headers.set(name, value)
    return fetch(outgoing)
  },
  controller: (request, url) => pass(request, url, { signal: new AbortController().signal }),
  timer: async (request, url) => {
    const timer = setTimeout(() => {}, 10_000)
    const response = await pass(request, url)
    clearTimeout(timer)
    return response
  },
  timeout: (request, url) => pass(request, url, { signal: AbortSignal.timeout(10_000) }),
  signal: (request, url) => pass(request, url, { signal: request.signal }),
  listener: (request, url) => {
    request.signal.addEventListener('abort', () => {})
    return pass(request, url)
  },
  retaining: (request, url) => {
    const held = new Array<number>(1000).fill(0)
    request.signal.addEventListener('abort', () => held.fill(1))
    return pass(request, url)
  },
  answer: async (request, url) => {
    const response = await pass(request, url)
    const length = response.headers.get('content-length')
    return response.status === 200 && length !== '' ? response : new Response(null)
  },
  rewrap: async (request, url) => {
    const response = await pass(request, url)
    const answer = new Response(response.body, response)
    answer.headers.set('x-served-by', 'gateway')
    return answer
  },
  defer: (request, url, context) => {
    context.waitUntil(Promise.resolve())
    return pass(request, url)
  },
  log: (request, url) => {
    console.log(line)
    return pass(request, url)
  },
  nested: (request, url) => nest(5, () => pass(request, url)),
}

export default {
  fetch(request, { ORIGIN, COST }, context) {
    const url = ORIGIN + request.url.slice(request.url.indexOf('/', 8))
    return responds[COST](request, url, context)
  },
} satisfies ExportedHandler<Bindings>
