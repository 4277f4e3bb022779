/**
 * The way of a request, on one page:
 *
 *   receive ─▶ match ─▶ [ route pipeline ] ─▶ upstream ─▶ [ call pipeline ] ─▶ fetch
 *                │                                             │
 *   response ◀── finish (problem, header edits, one event) ◀───┘
 *
 * Nothing here decides what a policy decides, and nothing that happens to one request reaches another.
 */
import type { Plan } from './config/plan.ts'
import { type Refusal, refuse } from './errors/refusal.ts'
import type { Event } from './observe/event.ts'
import { isSampled } from './observe/sample.ts'
import type { Answer, Exchange } from './pipeline/exchange.ts'
import { finish, finishWithBug, settle, settleClosed } from './pipeline/finish.ts'
import { bindReceive, noTableRules, type Receive } from './pipeline/receive.ts'
import { routeOf, withoutRoute } from './pipeline/route.ts'
import type { Ports } from './platform/ports.ts'

/** What the gateway is given once per isolate. */
export interface GatewayParts {
  /** The table that is live; `look` brings a newer one, `due` says whether one must be waited for. */
  readonly tables: LiveTables
  /** Answers `/_gateway/*`. */
  readonly admin: (exchange: Exchange) => Promise<Answer>
  /** `ports` is null where the request is over, so that nothing can be deferred. */
  writeEvent(event: Event, ports: Ports | null): void
  /** Tells the operator of a bug, under the request's id. */
  reportBug(requestId: string, error: unknown): void
}

export interface LiveTables {
  readonly plan: Plan | null
  /** Why there is no plan: the refusal of a request that needs one. */
  readonly missing: Answer
  due(now: number): 'no' | 'behind' | 'first'
  look(ports: Ports): Promise<void>
}

/** What waits for its answer; empty once the answer is there. */
interface OpenExchange {
  exchange: Exchange | null
}

export type Respond = (request: Request, ports: Ports) => Promise<Response>

export function bindGateway(parts: GatewayParts): Respond {
  const { tables } = parts
  const receivers = new WeakMap<Plan, Receive>()
  const receiveWithoutTable = bindReceive(noTableRules, bindReenter(null))

  function receiverOf(plan: Plan | null): Receive {
    if (plan === null) return receiveWithoutTable
    const known = receivers.get(plan)
    if (known !== undefined) return known
    const bound = bindReceive(plan, bindReenter(plan))
    receivers.set(plan, bound)
    return bound
  }

  function respond(request: Request, ports: Ports): Promise<Response> {
    const due = tables.due(ports.clock.now())
    if (due === 'first') return tables.look(ports).then(() => begin(request, ports))
    const response = begin(request, ports)
    if (due === 'no') return response
    // After the answer is there: deferred work would keep the calls of a client that left alive.
    return response.then((answer) => {
      if (!request.signal.aborted) ports.defer(tables.look(ports))
      return answer
    })
  }

  function begin(request: Request, ports: Ports): Promise<Response> {
    const { plan } = tables
    const { exchange, refusal } = receiverOf(plan)(request, ports)
    // The runtime's collector keeps what a listener holds until its next full run: 19 µs a request where that
    // was the whole exchange (docs/benchmarks.md). So the listener holds a box, and the box is emptied.
    const open: OpenExchange = { exchange }
    request.signal.addEventListener('abort', () => close(open))
    return conclude(open, exchange, plan, refusal)
  }

  /** A request within a batch: of the same table and client, with policies and an event of its own. */
  function bindReenter(plan: Plan | null): Exchange['reenter'] {
    return function reenter(request, outer, ports) {
      const { exchange, refusal } = receiverOf(plan)(request, ports, outer)
      const open: OpenExchange = { exchange }
      const left = outer.onLeave
      outer.onLeave = () => {
        left?.()
        close(open)
      }
      return conclude(open, exchange, plan, refusal)
    }
  }

  async function conclude(
    open: OpenExchange,
    exchange: Exchange,
    plan: Plan | null,
    refusal: Refusal | null,
  ): Promise<Response> {
    let response: Response
    try {
      const answer = await (refusal === null
        ? answerTo(exchange, plan)
        : withoutRoute(exchange, plan, refusal))
      response = finish(exchange, answer)
    } catch (error) {
      // A bug in one request is a 500 for that request, and a line for the operator.
      parts.reportBug(exchange.id, error)
      response = finishWithBug(exchange)
    }
    // Its event is written where the client left before: what was kept going for its key alone.
    if (open.exchange === null) return response
    open.exchange = null
    settle(exchange, response)
    record(exchange, exchange.ports)
    return response
  }

  function answerTo(exchange: Exchange, plan: Plan | null): Answer | Promise<Answer> {
    const { path } = exchange.target
    if (path.startsWith('/_gateway/') || path === '/_gateway') {
      // What is the operator's has no place within a batch.
      return exchange.within === null ? parts.admin(exchange) : refuse('ROUTE_NOT_FOUND')
    }
    return plan === null ? tables.missing : routeOf(exchange, plan)
  }

  /** The client went away: the runtime ends the work below; what it took is let go, and the event is written. */
  function close(open: OpenExchange): void {
    const { exchange } = open
    if (exchange === null) return
    open.exchange = null
    exchange.onLeave?.()
    settleClosed(exchange)
    record(exchange, null)
  }

  function record({ event, logging, ports }: Exchange, alive: Ports | null): void {
    if (isSampled(event, logging, ports.randomness.fraction())) parts.writeEvent(event, alive)
  }

  return respond
}
