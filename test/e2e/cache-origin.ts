/** A service that answers as a test says, path by path, and counts who asks: for tests of the cache. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { type Origin, startOrigin } from './harness.ts'

/** What one path answers; a function sees which request of the path this is, from 1. */
export interface Scripted {
  readonly status?: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly waitMs?: number
  /** Resets the connection in the place of an answer, or behind the first half of the body. */
  readonly broken?: 'at-once' | 'in-body'
}
export type Script = Scripted | ((count: number, request: IncomingMessage) => Scripted)

export interface ScriptedOrigin extends Origin {
  /** Says what a path answers from now on, whatever its query. */
  script(path: string, script: Script): void
  /** How many requests a path has had. */
  countOf(path: string): number
}

const pathOf = (url: string) => url.split('?', 1)[0] ?? ''

export async function startScripted(): Promise<ScriptedOrigin> {
  const scripts = new Map<string, Script>()
  const counts = new Map<string, number>()
  const origin = await startOrigin(async (request, response) => {
    const path = pathOf(request.url ?? '')
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    const script = scripts.get(path) ?? { status: 404 }
    const said = typeof script === 'function' ? script(count, request) : script
    const { status = 200, headers = {}, body = `answer ${count}`, waitMs = 0, broken } = said
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    if (broken === 'at-once') {
      request.socket.resetAndDestroy()
      return
    }
    const bytes = Buffer.from(body)
    response.writeHead(status, { 'Content-Length': bytes.length, ...headers })
    if (broken === 'in-body') {
      response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.resetAndDestroy())
      return
    }
    response.end(request.method === 'HEAD' || status === 304 ? undefined : bytes)
  })
  return {
    ...origin,
    all: origin.all,
    script: (path, script) => void scripts.set(path, script),
    countOf: (path) => counts.get(path) ?? 0,
  }
}
