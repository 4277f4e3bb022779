/** Binds `when`: whether a policy runs for a request. The body is read only where it decides. */
import type { Refusal } from '../errors/refusal.ts'
import type { Subject } from '../match/subject.ts'
import { readBody } from './body.ts'
import type { AsksCaller } from './caller.ts'
import type { Exchange } from './exchange.ts'

export interface Condition {
  readonly holds: (subject: Subject) => boolean
  /** Where it looks at the body: what else must hold before the body is read, and how much of it is. */
  readonly body: {
    readonly mayHold: (subject: Subject) => boolean
    readonly limitBytes: number
  } | null
  /** What it asks of the caller, who is known after the stage `identify`; null asks nothing. */
  readonly caller?: AsksCaller | null
}

/** Whether it holds, or why the body that decides could not be read. */
export type Asked = boolean | Refusal

/** Asks about the caller first: it costs less than a body that is read. */
export function bindAsks({
  holds,
  body,
  caller = null,
}: Condition): (exchange: Exchange) => Asked | Promise<Asked> {
  async function readThenAsk(exchange: Exchange, limitBytes: number): Promise<Asked> {
    const read = await readBody(exchange, limitBytes)
    if (read.kind === 'refused') return read
    exchange.subject = { ...exchange.subject, body: read }
    return holds(exchange.subject)
  }
  return function asks(exchange) {
    if (caller !== null && !caller(exchange.identity)) return false
    if (body === null) return holds(exchange.subject)
    return body.mayHold(exchange.subject) && readThenAsk(exchange, body.limitBytes)
  }
}
