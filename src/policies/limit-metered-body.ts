/**
 * Lets a body pass as far as its limit has tokens for it. What is cut off shows it: server-sent events end with one
 * that says why, any other body as a broken transfer.
 */
import type { Ticket } from '../buckets/claims.ts'
import { refuse } from '../errors/refusal.ts'
import { problemOf } from '../http/problem.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { LimitCode, LimitUse } from '../pipeline/policy.ts'
import { lastEvent, nextStep, tokensOf } from './limit-cost-core.ts'

export interface Metering {
  readonly perToken: number
  readonly code: LimitCode
  readonly use: LimitUse
}

export function meterBody(
  response: Response,
  body: ReadableStream<Uint8Array>,
  { perToken, code, use }: Metering,
): Response {
  const { exchange, tickets } = use
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const meter = new Meter(tickets, perToken)
  const isEvents = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')
  const farewell = isEvents ? () => lastEvent(cutProblem(exchange, code, tickets)) : null
  // Deferred, so that what was taken is settled even where the client has gone.
  exchange.ports.defer(pass(body.getReader(), writable.getWriter(), meter, farewell))
  const metered = new Response(readable, response)
  // It may be cut off: what was announced would then be wrong before the first byte.
  metered.headers.delete('content-length')
  return metered
}

async function pass(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  meter: Meter,
  farewell: (() => string) | null,
): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        await writer.close()
        return
      }
      const covered = meter.cover(value.byteLength)
      if (!(covered instanceof Promise ? await covered : covered)) break
      await writer.write(value)
    }
    await reader.cancel()
    if (farewell === null) return await writer.abort(new Error('the limit of this answer is spent'))
    await writer.write(new TextEncoder().encode(farewell()))
    await writer.close()
  } catch (error) {
    // One side broke, or the client went away: the other learns of it.
    await Promise.allSettled([reader.cancel(error), writer.abort(error)])
  } finally {
    meter.end()
  }
}

/** Takes tokens for bytes before they pass. */
class Meter {
  readonly #tickets: readonly Ticket[]
  readonly #perToken: number
  readonly #reserve: number
  #taken: number
  #passed = 0

  constructor(tickets: readonly Ticket[], perToken: number) {
    this.#tickets = tickets
    this.#perToken = perToken
    this.#reserve = tickets[0]?.claim.cost ?? 0
    this.#taken = this.#reserve
  }

  /** Whether there are tokens for so many bytes more. */
  cover(bytes: number): boolean | Promise<boolean> {
    const total = this.#passed + bytes
    const step = nextStep(total, {
      perToken: this.#perToken,
      reserve: this.#reserve,
      taken: this.#taken,
    })
    if (step !== null) return this.#takeStep(step, total)
    this.#passed = total
    return true
  }

  async #takeStep({ least, most }: { least: number; most: number }, total: number) {
    // The larger step saves questions; what is not used of it goes back at the end.
    let taken = (await this.#takeAll(most)) ? most : 0
    if (taken === 0 && least < most && (await this.#takeAll(least))) taken = least
    if (taken === 0) return false
    this.#taken += taken
    this.#passed = total
    return true
  }

  async #takeAll(tokens: number): Promise<boolean> {
    for (const ticket of this.#tickets) if (!(await ticket.more(tokens))) return false
    return true
  }

  end(): void {
    const cost = tokensOf(this.#passed, this.#perToken)
    for (const ticket of this.#tickets) ticket.settle(cost)
  }
}

function cutProblem(exchange: Exchange, code: LimitCode, tickets: readonly Ticket[]) {
  const violated = tickets.map(({ claim }) => claim.label)
  const refusal = refuse(code, {
    detail: 'The limit was spent before the answer had ended.',
    members: { 'violated-policies': violated },
  })
  return problemOf(refusal, {
    origin: '',
    instance: exchange.id,
    route: exchange.route?.name ?? null,
  })
}
