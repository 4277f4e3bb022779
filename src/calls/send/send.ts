/** The innermost of the call pipeline: one HTTP exchange with one target. Bodies stream; redirects are the client's. */
import { refuse } from '../../errors/refusal.ts'
import type { Answer, AnswerEdit } from '../../pipeline/exchange.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import type { Call } from '../call.ts'
import { judgeError, judgeStatus, namedByConnection } from './core.ts'
import { noteReached } from './reached.ts'
import { urlOf } from './url.ts'

export async function send(call: Call): Promise<Answer> {
  const { exchange, target } = call
  const { clock, network } = exchange.ports
  const { dialect, endsAt } = call
  dialect?.limit(call.headers, endsAt === null ? null : endsAt - clock.now())
  const outgoing: NetworkCall = {
    url: urlOf(call),
    method: call.method,
    headers: call.headers,
    body: call.body,
    signal: call.signal,
  }
  const sentAt = clock.now()
  exchange.event.tries += 1
  exchange.event.target = target.index
  let response: Response
  try {
    response = await (target.binding === null
      ? network.send(outgoing)
      : network.sendTo(target.binding, outgoing))
  } catch (error) {
    // Called off: whoever did that answers in its own words, and the target is not to blame.
    if (call.signal?.aborted) return refuse('UPSTREAM_TIMEOUT')
    countWait(call, sentAt)
    noteReached(call, false)
    return judgeError(error, target.binding !== null)
  }
  countWait(call, sentAt)
  const problem = judgeStatus(response.status, call.headers.upgrade !== undefined)
  if (problem === null) {
    keepToConnection(call.edits, response)
    return dialect === undefined ? response : dialect.judge(response)
  }
  // An unread body would hold its connection.
  await response.body?.cancel()
  return problem
}

/** A try that was called off is counted by whoever did that: others may have waited at the same time. */
function countWait({ exchange, signal }: Call, sentAt: number): void {
  if (signal?.aborted) return
  exchange.event.upstreamMs += exchange.ports.clock.now() - sentAt
}

/** Before the table's own edits, which may set a field of the same name anew. */
function keepToConnection(edits: AnswerEdit[], response: Response): void {
  const connection = response.headers.get('connection')
  if (connection === null) return
  for (const name of namedByConnection(connection)) edits.unshift({ kind: 'remove', name })
}
