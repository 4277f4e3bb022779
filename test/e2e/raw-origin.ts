/** A service that fails as no HTTP server lets itself fail: bytes over a socket, as a test writes them. */
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { WRONG_NAME } from '../fixtures/certificate.ts'
import { atEnd, until } from './cleanup.ts'

export interface Heard {
  /** The request line and header fields of the request, in lower case. */
  readonly head: string
  readonly socket: Socket
}

export interface RawOrigin {
  /** Without a slash at its end. */
  readonly url: string
  /** Requests whose heads came in full, in order. */
  readonly heard: readonly Heard[]
  /** Resolves once a request for this path has come. */
  received(path: string): Promise<void>
  /** Resolves once the connection of this request is over. */
  ended(heard: Heard): Promise<void>
}

/** Starts a server that does this with each request whose head is there. */
export async function startRawOrigin(respond: (heard: Heard) => void): Promise<RawOrigin> {
  const heard: Heard[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    // What the other side does to the connection is what the tests look at.
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) return
      const one = { head: text.slice(0, end).toLowerCase(), socket }
      text = ''
      heard.push(one)
      respond(one)
    })
  })
  const port = await listen(server)
  atEnd(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    async received(path) {
      await until(() => heard.find(({ head }) => head.includes(` ${path} `)))
    },
    async ended({ socket }) {
      await until(() => socket.closed || undefined)
    },
  }
}

/** A server whose certificate is for another name, and its URL. */
export async function startWrongTlsOrigin(): Promise<string> {
  const server = createTlsServer(WRONG_NAME, (socket) => socket.destroy())
  server.on('tlsClientError', () => {})
  const port = await listen(server)
  atEnd(() => void server.close())
  return `https://localhost:${port}`
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
}

/** A whole answer in bytes. */
export function answer(status: number, body = '', fields = ''): string {
  return `HTTP/1.1 ${status} Status\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`
}
