/** Reads and writes the machine's KV through its private socket, in the protocol that the binding speaks. */
import { request } from 'node:http'
import { relative } from 'node:path'

// sun_path holds 104 bytes on macOS and 108 on Linux, its end included.
const MAX_SOCKET_PATH_BYTES = 103

/** The path of the socket in the shorter of its two forms, or null where neither fits into an address. */
export function socketPathFor(path: string): string | null {
  const forms = [path, relative(process.cwd(), path)]
  const [shortest = path] = forms.sort((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b))
  return Buffer.byteLength(shortest) <= MAX_SOCKET_PATH_BYTES ? shortest : null
}

export interface StoredValue {
  readonly value: string
  readonly metadata: unknown
}

export interface KvClient {
  get(key: string): Promise<StoredValue | null>
  put(key: string, value: string, metadata?: unknown): Promise<void>
  delete(key: string): Promise<void>
}

/** A client for the socket at this path. */
export function kvClient(socketPath: string): KvClient {
  return {
    async get(key) {
      const answer = await call(socketPath, 'GET', key)
      if (answer.status === 404) return null
      accept(answer, 'read')
      return {
        value: answer.body,
        metadata: answer.metadata === undefined ? null : JSON.parse(answer.metadata),
      }
    },
    async put(key, value, metadata) {
      accept(await call(socketPath, 'PUT', key, { value, metadata }), 'write')
    },
    async delete(key) {
      accept(await call(socketPath, 'DELETE', key), 'delete')
    },
  }
}

interface Answer {
  readonly status: number
  readonly reason: string
  readonly metadata: string | undefined
  readonly body: string
}

function accept(answer: Answer, act: string): void {
  if (answer.status === 200) return
  throw new Error(`KV refused to ${act}: ${answer.status} ${answer.reason}`)
}

function call(
  socketPath: string,
  method: string,
  key: string,
  sent?: { readonly value: string; readonly metadata?: unknown },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      sent?.metadata === undefined ? {} : { 'CF-KV-Metadata': JSON.stringify(sent.metadata) }
    const path = `/${encodeURIComponent(key)}?urlencoded=true`
    // One connection per call: the launcher asks rarely, and an idle one would hold up workerd's end.
    const outgoing = request({ socketPath, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          reason: answer.statusMessage ?? '',
          metadata: answer.headers['cf-kv-metadata'] as string | undefined,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(sent?.value)
  })
}
