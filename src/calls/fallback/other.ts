/** An entry of a chain that is another upstream: the same request, as it was before the first upstream wrote to it. */
import { emptyFields } from '../../http/headers.ts'
import type { AnswerEdit, Outgoing } from '../../pipeline/exchange.ts'
import { discard } from '../deadline/deadline.ts'
import type { CallScope } from '../order.ts'
import { fails, leftOf, whyNot } from './core.ts'
import type { Entry, Failed } from './fallback.ts'

export interface OtherOptions {
  readonly upstream: string
  readonly nonIdempotent?: boolean | undefined
}

export function bindOther(options: OtherOptions, scope: CallScope): Entry {
  const mayRepeat = options.nonIdempotent ?? false
  const firstMs = scope.options.timeoutMs ?? null
  return async function askOther(failed) {
    const { call, origin, answer: first, startedAt } = failed
    const { exchange } = call
    const { event, ports } = exchange
    const other = scope.upstream(options.upstream)
    if (other === null) return 'unavailable'
    const wasSent = first instanceof Response || first.unsent !== true
    const hasBody = isThere(failed)
    const nonIdempotent = mayRepeat || exchange.isRepeatSafe
    const why = whyNot({ method: call.method, wasSent, hasBody, nonIdempotent })
    if (why !== null) return why
    const own = { firstMs, nextMs: other.timeoutMs }
    const limits = leftOf(origin.limits, own, ports.clock.now() - startedAt)
    if (limits === null) return 'time'
    const edits: AnswerEdit[] = []
    event.fallback = null
    const outgoing = copyOf(origin.outgoing, failed.one.body)
    const { dialect } = origin
    const { signal } = call
    const start = {
      outgoing,
      limits,
      edits,
      isCopy: false,
      ...(signal === null ? {} : { signal }),
    }
    const answer = await other.send(exchange, dialect === undefined ? start : { ...start, dialect })
    // A chain of its own answered: with what it says, whatever the status.
    const deeper = readDeeper(event.fallback)
    if (!(answer instanceof Response) || (deeper === null && fails(answer))) {
      discard(answer)
      return 'failed'
    }
    return { answer, name: deeper ?? other.name, edits }
  }
}

/** A stream can be sent once: it is whole as long as nothing went to the network. */
function isThere({ one, answer, wasTried }: Failed): boolean {
  const { body } = one
  if (body === null || body instanceof ArrayBuffer) return true
  const isLeft = !(answer instanceof Response) && answer.isBodyLeft === true
  return (isLeft || !wasTried) && !body.locked
}

/** The fields are the other upstream's to write. */
export function copyOf(outgoing: Outgoing, body: Outgoing['body']): Outgoing {
  return { ...outgoing, headers: Object.assign(emptyFields(), outgoing.headers), body }
}

function readDeeper(fallback: string | null): string | null {
  return fallback === null || fallback.startsWith('none:') ? null : fallback
}
