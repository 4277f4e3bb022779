/**
 * The last step of every request: a refusal becomes a problem, the edits of the answer's headers are applied
 * at once, and the event is filled. An answer without edits leaves as it came, with no new objects.
 */
import { catalogue } from '../errors/catalogue.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { readLength } from '../http/body.ts'
import { addToBearer } from '../http/challenge.ts'
import { originOf, renderProblem } from '../http/problem.ts'
import { PROTECTED_RESOURCE_PATH } from '../http/well-known.ts'
import type { Answer, AnswerEdit, AnswerValue, Exchange } from './exchange.ts'

export function finish(exchange: Exchange, answer: Answer): Response {
  if (answer instanceof Response) return edit(exchange, answer)
  exchange.event.error = answer.code
  const { target, tellRefusal } = exchange
  if (tellRefusal !== undefined) return edit(exchange, tellRefusal(answer))
  const origin = originOf(target)
  return edit(
    exchange,
    renderProblem(withMetadata(exchange, answer, origin), {
      origin,
      instance: exchange.id,
      route: exchange.route?.name ?? null,
      accept: exchange.received.accept ?? null,
      method: exchange.method,
    }),
  )
}

/** A client that is asked for a token learns where to get one (RFC 9728 §5.1). */
function withMetadata({ route }: Exchange, refusal: Refusal, origin: string): Refusal {
  const challenges = refusal.headers?.['www-authenticate']
  if (challenges === undefined || !route?.resourceMetadata) return refusal
  const url = `${origin}${PROTECTED_RESOURCE_PATH}`
  const named = addToBearer(challenges, 'resource_metadata', url)
  return { ...refusal, headers: { ...refusal.headers, 'www-authenticate': named } }
}

/** The problem for a request on which the gateway itself failed. */
export function finishWithBug(exchange: Exchange): Response {
  const refusal = refuse('INTERNAL_ERROR')
  try {
    return finish(exchange, refusal)
  } catch {
    // One of the edits is what failed.
    exchange.answer.length = 0
    return finish(exchange, refusal)
  }
}

/** Fills the event's part of the answer; call it once, with what is sent. */
export function settle(exchange: Exchange, response: Response): void {
  const { event } = exchange
  event.request = exchange.id
  event.status = response.status
  event.durationMs = exchange.ports.clock.now() - exchange.startedAt
  event.bytesOut = readLength(response.headers.get('content-length') ?? undefined)
  event.bytesIn = readLength(exchange.received['content-length'])
}

/** The event's part of an answer that nobody waited for: the client went away. */
export function settleClosed(exchange: Exchange): void {
  const { event } = exchange
  event.request = exchange.id
  event.status = catalogue.CLIENT_CLOSED.status
  event.error = 'CLIENT_CLOSED'
  event.durationMs = exchange.ports.clock.now() - exchange.startedAt
  event.bytesIn = readLength(exchange.received['content-length'])
}

function edit(exchange: Exchange, response: Response): Response {
  const edits = exchange.answer
  if (edits.length === 0) return response
  const edited = makeEditable(response)
  for (const change of edits) applyEdit(exchange, edited.headers, change)
  return edited
}

/** What the runtime adds to a response that is an upgrade; Node, where unit tests run, has no such property. */
interface Upgrade {
  readonly webSocket?: WebSocket | null
}

/** The runtime's own responses cannot be changed: this takes status, fields and body over, the body unread. */
function makeEditable(response: Response): Response {
  const { webSocket } = response as Upgrade
  if (webSocket === null || webSocket === undefined) return new Response(response.body, response)
  const init: ResponseInit & Upgrade = { status: 101, webSocket, headers: response.headers }
  return new Response(null, init)
}

function applyEdit(exchange: Exchange, headers: Headers, change: AnswerEdit): void {
  switch (change.kind) {
    case 'set':
      headers.set(change.name, readValue(exchange, change.value))
      break
    case 'add':
      headers.append(change.name, readValue(exchange, change.value))
      break
    case 'remove':
      headers.delete(change.name)
      break
    case 'rename':
      rename(headers, change.name, change.to)
      break
    case 'removePrefix':
      removePrefix(headers, change.prefix)
      break
    case 'list':
      addToList(headers, change.name, change.values)
      break
  }
}

function removePrefix(headers: Headers, prefix: string): void {
  for (const name of [...headers.keys()]) if (name.startsWith(prefix)) headers.delete(name)
}

function readValue(exchange: Exchange, value: AnswerValue): string {
  return typeof value === 'string' ? value : value(exchange)
}

/**
 * What stood under the new name is replaced, where there is something to rename. Set-Cookie is the one field
 * whose lines may not be joined (RFC 9110 §5.3).
 */
function rename(headers: Headers, from: string, to: string): void {
  if (!headers.has(from)) return
  const values = from.toLowerCase() === 'set-cookie' ? headers.getSetCookie() : [headers.get(from)]
  headers.delete(from)
  headers.delete(to)
  for (const value of values) if (value !== null) headers.append(to, value)
}

function addToList(headers: Headers, name: string, values: readonly string[]): void {
  const present = headers.get(name)
  const members = present === null ? [] : present.split(',').map((member) => member.trim())
  if (members.includes('*')) return
  const seen = new Set(members.map((member) => member.toLowerCase()))
  const missing = values.filter((value) => !seen.has(value.toLowerCase()))
  if (missing.length > 0) headers.set(name, [...members, ...missing].join(', '))
}
