/** Costs that the answer states: settles what was reserved before, once the answer or its body says how much it was. */
import type { Ticket } from '../buckets/claims.ts'
import { readOrReplay } from '../http/read-up-to.ts'
import { bindPointer } from '../match/json-pointer.ts'
import type { Answer } from '../pipeline/exchange.ts'
import type { LimitCode, LimitUse } from '../pipeline/policy.ts'
import { decideCharge, readCost, readJsonCost } from './limit-cost-core.ts'
import { meterBody } from './limit-metered-body.ts'

/** Ends the tickets of a limit; null is a cost that nobody stated: then it is the reserve. */
export function charge(tickets: readonly Ticket[], cost: number | null): void {
  for (const ticket of tickets) {
    const decided = decideCharge(ticket.claim.cost, cost)
    if (decided.kind === 'overdraw') ticket.overdraw(decided.beyond)
    ticket.settle(decided.kind === 'settle' ? decided.cost : undefined)
  }
}

/** A field of the answer states it. The gateway's own problems state nothing. */
export function bindByHeader(name: string): (use: LimitUse) => Answer {
  return function chargeByHeader({ answer, tickets }) {
    charge(tickets, answer instanceof Response ? readCost(answer.headers.get(name)) : null)
    return answer
  }
}

// The largest answers that state what they cost are lists of results of a few hundred kilobytes.
const MAX_JSON_BYTES = 1_048_576

const jsonType = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i

/** A value in the body of the answer states it: the body is read whole, up to a bound, before it goes on. */
export function bindByJson(pointer: string): (use: LimitUse) => Answer | Promise<Answer> {
  const find = bindPointer(pointer)
  async function read(response: Response, body: ReadableStream, tickets: readonly Ticket[]) {
    const read = await readOrReplay(body, MAX_JSON_BYTES)
    if (read.kind === 'longer') {
      charge(tickets, null)
      return new Response(read.stream, response)
    }
    charge(tickets, readJsonCost(find(parse(read.bytes))))
    return new Response(read.bytes, response)
  }
  return function chargeByJson({ answer, tickets }) {
    const body = answer instanceof Response ? answer.body : null
    const isJson =
      body !== null && jsonType.test((answer as Response).headers.get('content-type') ?? '')
    if (isJson) return read(answer as Response, body, tickets)
    charge(tickets, null)
    return answer
  }
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

/** Its length is the cost. Where it has no body, as after HEAD or 204, it costs nothing. */
export function bindByBytes(perToken: number, code: LimitCode): (use: LimitUse) => Answer {
  return function chargeByBytes(use) {
    const { answer, tickets } = use
    if (!(answer instanceof Response)) return answer
    if (answer.body !== null) return meterBody(answer, answer.body, { perToken, code, use })
    // The messages of a WebSocket pass unseen: what was reserved is what it costs.
    charge(tickets, answer.status === 101 ? null : 0)
    return answer
  }
}
