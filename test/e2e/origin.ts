/** A service behind the gateway, for tests: a plain HTTP server that keeps what it was asked. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atEnd, until } from './cleanup.ts'

export interface Received {
  readonly method: string
  /** The target as it came: path and query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  /** How many bytes of the body came so far. */
  readonly bytes: number
}

export interface Origin {
  /** Without a slash at its end. */
  readonly url: string
  readonly port: number
  readonly server: Server
  /** All requests so far, in the order in which they came. */
  readonly all: readonly Received[]
  count(): number
  /** The one that came last; an error where none came. */
  last(): Received
  /** Resolves once so many have come in all. */
  received(count: number): Promise<void>
  /** Closes the server and all of its connections. */
  stop(): Promise<void>
}

export type OriginHandler = (
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>

/** Starts a server on a free port; without a handler it answers 200 with what it received, as JSON. */
export async function startOrigin(handler: OriginHandler = echo): Promise<Origin> {
  const all: Received[] = []
  const server = createServer(async (request, response) => {
    all.push(receivedOf(request))
    try {
      await handler(request, response)
    } catch (error) {
      response.destroy(error as Error)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let closed: Promise<void> | null = null
  const stop = () => {
    closed ??= new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closed
  }
  atEnd(stop)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    all,
    count: () => all.length,
    last() {
      const last = all.at(-1)
      if (!last) throw new Error('The origin was not asked')
      return last
    },
    async received(count) {
      await until(() => all.length >= count || undefined)
    },
    stop,
  }
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers, rawHeaders } = request
  const body = (await readBody(request)).toString('utf8')
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ method, url, headers, rawHeaders, body }))
}

function receivedOf(request: IncomingMessage): Received {
  const { method = '', url = '', headers, rawHeaders } = request
  const received = { method, url, headers, rawHeaders, bytes: 0 }
  // Counted where the parser hands chunks over: a listener would make the body flow before the handler reads.
  const push = request.push.bind(request)
  request.push = (chunk, encoding) => {
    if (chunk !== null) received.bytes += chunk.length
    return push(chunk, encoding)
  }
  return received
}
