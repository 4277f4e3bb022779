/** Clients that say exactly what a test wants: raw bytes over a socket, and Node's http without its niceties. */
import http from 'node:http'
import net from 'node:net'

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
}

/** One request over its own connection, answered whole. */
export function ask(url: string, { method = 'GET', path = '/', headers = {}, body }: Ask = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const request = http.request({ hostname, port, method, path, headers, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.end(body)
  })
}

/** The answer to raw bytes, read until the gateway closes or `until` is seen in it. */
export function askRaw(url: string, text: string, until?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = net.connect(Number(port), hostname, () => socket.write(text))
    let received = ''
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${text.slice(0, 60)}`)))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (until?.test(received)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}

/** The value of each header field of that name, in the order in which the reply has them. */
export function fieldValues({ rawHeaders }: Reply, name: string): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
}
