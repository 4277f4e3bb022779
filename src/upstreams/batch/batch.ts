/**
 * `batch`: runs several requests to the gateway's own routes in one round trip. Each meets all policies of its route,
 * has a status and an event of its own, and none hears of another's failure.
 */

import type { Handler } from '../../config/plan.ts'
import { refuse } from '../../errors/refusal.ts'
import { writeTraceparent } from '../../http/trace-context.ts'
import { parseJson } from '../../http/utf8.ts'
import { readWholeBody } from '../../http/whole-body.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { gatePorts, MOST_FETCHES } from '../../platform/connections.ts'
import type { Alarm, Ports } from '../../platform/ports.ts'
import { type BatchItem, readBatch } from './core.ts'
import { entryOf, troubleOf } from './entry.ts'
import type { BatchOptions } from './schema.ts'

const DEFAULT_REQUESTS = 20
const DEFAULT_BYTES = 1_048_576 // As for other bodies that the gateway reads whole.
const DEFAULT_TIMEOUT_MS = 30_000

export function bindBatch(options: BatchOptions): Handler {
  const maxRequests = options.maxRequests ?? DEFAULT_REQUESTS
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_BYTES
  const maxBytes = options.maxAnswerBytes ?? DEFAULT_BYTES
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  return async function batch(exchange) {
    if (exchange.within !== null) {
      return refuse('BATCH_INVALID', { detail: 'A batch may not stand within a batch.' })
    }
    const value = await readBody(exchange, maxBodyBytes)
    if (value.kind === 'refused') return value
    const read = readBatch(value.value, { received: exchange.received, maxRequests })
    if (read.kind === 'refused') return read
    const { timers } = exchange.ports
    const alarm = timers.after(timeoutMs)
    const batch: Batch = { exchange, alarm, maxBytes, isLate: false }
    try {
      const entries = await runAll(read.items, batch)
      return new Response(`{"responses":[${entries.join(',')}]}`, {
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      })
    } finally {
      alarm.cancel()
    }
  }
}

async function readBody({ outgoing, received }: Exchange, maxBytes: number) {
  const bytes = await readWholeBody(outgoing.body, received, maxBytes)
  if (!(bytes instanceof ArrayBuffer)) return bytes
  const parsed = parseJson(bytes)
  return parsed === null
    ? refuse('BODY_INVALID', { detail: 'A batch is JSON in UTF-8.' })
    : ({ kind: 'value', ...parsed } as const)
}

interface Batch {
  readonly exchange: Exchange
  /** Rings when answers that are not there count as late. */
  readonly alarm: Alarm
  /** Whether it rang: what was not begun by then is not begun any more. */
  isLate: boolean
  readonly maxBytes: number
}

/** As many at once as the runtime lets wait for headers; answers in the order of the requests. */
async function runAll(items: readonly BatchItem[], batch: Batch): Promise<readonly string[]> {
  const ports = gatePorts(batch.exchange.ports)
  const entries: string[] = []
  let next = 0
  async function runOn(): Promise<void> {
    while (next < items.length) {
      const index = next
      next += 1
      entries[index] = await run(items[index] as BatchItem, ports, batch)
    }
  }
  await Promise.all(Array.from({ length: Math.min(MOST_FETCHES, items.length) }, runOn))
  return entries
}

async function run(item: BatchItem, ports: Ports, batch: Batch): Promise<string> {
  const { exchange, alarm } = batch
  function tellLate(): Promise<string> {
    batch.isLate = true
    return troubleOf(item, 'UPSTREAM_TIMEOUT', exchange)
  }
  if (batch.isLate) return tellLate()
  const late = alarm.done.then(tellLate)
  const answered = exchange
    .reenter(requestOf(item, exchange), exchange, ports)
    .then((response) => entryOf(item, response, batch))
  return Promise.race([answered, late])
}

/** The request as a client would have sent it by itself, to the same host, within the same trace. */
function requestOf(
  { method, path, headers, body }: BatchItem,
  { request, target, trace }: Exchange,
) {
  const fields = new Headers(headers)
  fields.set('traceparent', writeTraceparent(trace))
  if (body !== null) fields.set('content-length', String(new TextEncoder().encode(body).byteLength))
  // What the runtime knows of the client (its place, its certificate) is known of each of its requests.
  const { cf } = request as { readonly cf?: unknown }
  const init = { method, headers: fields, body, ...(cf === undefined ? {} : { cf }) }
  return new Request(`${target.scheme}://${target.authority}${path}`, init as RequestInit)
}
