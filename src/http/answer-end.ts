/**
 * Watches an answer to its end. The runtime tells nobody when a body was sent or a WebSocket closed that it only
 * passes through, so both are passed through here.
 */
import type { Ports } from '../platform/ports.ts'
import { closeCodeToSend, decideEnd, lengthToKeep } from './answer-end-core.ts'

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/** A WebSocket as the runtime gives it: nothing comes before it is accepted. */
interface RuntimeSocket extends WebSocket {
  accept(): void
}

/** What the runtime has and Node, where unit tests run, has not. */
interface Runtime {
  readonly IdentityTransformStream: new () => Pipe
  readonly FixedLengthStream: new (bytes: number) => Pipe
  readonly WebSocketPair: new () => { readonly 0: RuntimeSocket; readonly 1: RuntimeSocket }
}
const runtime = globalThis as unknown as Runtime

/** `left` is the signal of a client that went away. */
export interface Watch {
  readonly ports: Ports
  readonly left: AbortSignal
  readonly ended: () => void
}

/** What the runtime adds to a response that is an upgrade; Node, where unit tests run, has no such property. */
interface Upgrade {
  readonly webSocket?: RuntimeSocket | null
}

/** The same answer; `ended` runs once: when nothing more of it comes, or the client went away. */
export function watchEnd(response: Response, watch: Watch): Response {
  const { body } = response
  const { webSocket } = response as Upgrade
  const end = decideEnd({
    upgraded: webSocket !== null && webSocket !== undefined,
    hasBody: body !== null,
    length: response.headers.get('content-length'),
  })
  switch (end) {
    case 'headers':
      watch.ended()
      return response
    case 'body':
      return watchBody(response, body as ReadableStream<Uint8Array>, watch)
    case 'socket':
      return watchSocket(response, webSocket as RuntimeSocket, watch)
  }
}

function watchBody(
  response: Response,
  body: ReadableStream<Uint8Array>,
  { ports, left, ended }: Watch,
): Response {
  const { headers } = response
  const length = lengthToKeep(headers.get('content-length'), headers.get('content-encoding'))
  // The runtime's own streams: bytes pass without a turn of JavaScript for each chunk.
  const { readable, writable } =
    length === null ? new runtime.IdentityTransformStream() : new runtime.FixedLengthStream(length)
  // A failure breaks the transfer to the client; here it only says that there is no more to come. Without the signal
  // the pipe would learn with the next byte that nobody reads, and keep the call to the service until then.
  ports.defer(body.pipeTo(writable, { signal: left }).then(ended, ended))
  return new Response(readable, response)
}

/** The same upgrade, its messages handed on one by one. */
function watchSocket(response: Response, service: RuntimeSocket, { ended }: Watch): Response {
  const { 0: client, 1: server } = new runtime.WebSocketPair()
  let isOpen = true
  const close = () => {
    if (isOpen) ended()
    isOpen = false
  }
  service.accept()
  server.accept()
  handOn(service, server, close)
  handOn(server, service, close)
  const upgrade = { status: 101, webSocket: client, headers: response.headers }
  return new Response(null, upgrade as ResponseInit)
}

function handOn(from: WebSocket, to: WebSocket, close: () => void): void {
  from.addEventListener('message', ({ data }) => {
    try {
      to.send(data)
    } catch {
      // The other side closed while this message was on its way.
    }
  })
  from.addEventListener('close', ({ code, reason }) => {
    close()
    closeWith(to, closeCodeToSend(code), reason)
  })
  from.addEventListener('error', () => {
    close()
    closeWith(to, 1011, '') // RFC 6455 §7.4.1: the side that ends it met something unexpected.
  })
}

function closeWith(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason)
  } catch {
    // It is closed already.
  }
}
