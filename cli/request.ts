/** The request that `explain` asks about, read by the same code as a live one. */
import { readFileSync } from 'node:fs'
import type { Plan } from '../src/config/plan.ts'
import type { Refusal } from '../src/errors/refusal.ts'
import { readFields } from '../src/http/headers.ts'
import type { Subject } from '../src/match/subject.ts'
import { readTarget } from '../src/match/target.ts'
import type { Client } from '../src/pipeline/exchange.ts'
import { UsageError } from './command.ts'

export interface AskedRequest {
  readonly method: string
  readonly url: string
  /** `Name: value` each. */
  readonly headers: readonly string[]
  readonly body: ArrayBuffer | null
  readonly client: Client
}

/** What conditions see of the request, its body unread; or why it is refused before a route is looked for. */
export function readSubject(request: AskedRequest, plan: Plan): Subject | Refusal {
  const sent = readHeaders(request.headers)
  const [scheme = '', authority = ''] = /^(\w+:\/\/)([^/?#]*)/.exec(request.url)?.slice(1) ?? []
  // As with curl a Host field stands before the host of the URL; the runtime makes its URL from it.
  const host = sent.get('host') ?? authority
  sent.set('host', host)
  const url = scheme + host + request.url.slice(scheme.length + authority.length)
  return readAs(request, url, sent, plan)
}

const unread = { kind: 'unread' } as const

function readAs({ method, client }: AskedRequest, url: string, sent: Headers, plan: Plan) {
  const { received } = readFields(sent, plan)
  const read = readTarget(url, received.host ?? null, plan.paths)
  if (read.kind === 'refused') return read
  const { host, path, query } = read.target
  return { method, host, path, query, headers: received, client, body: unread }
}

function readHeaders(lines: readonly string[]): Headers {
  const headers = new Headers()
  for (const line of lines) {
    const at = line.indexOf(':')
    if (at < 1) throw new UsageError(`-H '${line}': expected 'Name: value'`)
    try {
      headers.append(line.slice(0, at), line.slice(at + 1).trim())
    } catch {
      throw new UsageError(`-H '${line}': this is no header field`)
    }
  }
  return headers
}

/** The bytes of a file as a body. */
export function readBodyFile(file: string): ArrayBuffer {
  try {
    return new Uint8Array(readFileSync(file)).buffer
  } catch {
    throw new UsageError(`--body ${file}: this file cannot be read`)
  }
}
