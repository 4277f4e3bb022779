/** One call of an upstream, for tests of what wraps it. */
import type { Call } from '../src/calls/call.ts'
import { type ExchangeParts, fields, makeExchange } from './exchange.ts'

export interface CallParts extends ExchangeParts {
  /** Of the target: `scheme://host[:port]`, and a base path. */
  readonly base?: string
  /** Encoded path and query. */
  readonly path?: string
}

export function makeCall({
  base = 'https://users.example.com',
  path = '/',
  ...parts
}: CallParts): Call {
  const exchange = makeExchange(parts)
  return {
    exchange,
    upstream: 'users',
    target: { index: 0, url: base, base, binding: null, weight: 1, priority: 0, zone: null },
    tried: null,
    timeoutMs: null,
    endsAt: null,
    method: parts.method ?? 'GET',
    path,
    headers: fields(parts.headers ?? {}),
    edits: exchange.answer,
    body: parts.body ?? null,
    signal: null,
  }
}
