/** One copy of a request: sent through the whole pipeline of the other upstream, its answer read and compared. */
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { Call, CallOrigin } from '../call.ts'
import { copyOf } from '../fallback/other.ts'
import type { CallScope } from '../order.ts'
import { type CompareRules, compareSeen } from './compare-core.ts'
import type { MirrorCounts } from './core.ts'
import { readCopy, seenOf, type Watched } from './seen.ts'

/** One mirror of an upstream. */
export interface Mirror {
  readonly upstream: string
  readonly percent: number
  readonly limitBytes: number
  readonly compare: CompareRules | null
}

export interface Copying {
  readonly call: Call
  readonly origin: CallOrigin
  readonly body: ArrayBuffer | null
  /** The answer that went out, where it is compared. */
  readonly first: Omit<Watched, 'response'> | null
}

export interface Copied {
  readonly counts: Partial<MirrorCounts>
  /** What differed. */
  readonly differences: readonly string[]
}

/** A copy of a copy would never end, be it through another gateway: with this field nothing is copied. */
export const MIRROR_FIELD = 'isogate-mirror'

// Work after the answer has 30 s on Cloudflare: time is left for the answer's body, and to tell what came of it.
const TIME_MS = 15_000

/** Never rejects: a copy that fails is counted, and no more. */
export async function sendCopy(
  copying: Copying,
  mirror: Mirror,
  scope: CallScope,
): Promise<Copied> {
  try {
    const answer = await send(copying, mirror, scope)
    if (!(answer instanceof Response)) return { counts: { failed: 1 }, differences: [] }
    return await judge(answer, copying.first, mirror)
  } catch {
    return { counts: { failed: 1 }, differences: [] }
  }
}

async function send(
  { call, origin, body }: Copying,
  { upstream }: Mirror,
  scope: CallScope,
): Promise<Answer | null> {
  const other = scope.upstream(upstream)
  if (other === null) return null
  const outgoing = copyOf(origin.outgoing, body)
  outgoing.headers[MIRROR_FIELD] = '1'
  // What it notes and edits is nobody's: the event of the request is written already.
  const { event } = call.exchange
  const exchange: Exchange = {
    ...call.exchange,
    outgoing,
    answer: [],
    event: { ...event, policies: {} },
    onLeave: null,
  }
  const limits = { routeMs: null, defaultMs: TIME_MS }
  return other.send(exchange, { outgoing, limits, edits: [], isCopy: true })
}

async function judge(
  answer: Response,
  first: Copying['first'],
  { compare, limitBytes }: Mirror,
): Promise<Copied> {
  const copy = await readCopy(answer, compare?.json ?? false, limitBytes)
  if (compare === null || first === null) return { counts: { sent: 1 }, differences: [] }
  const [one, other] = await Promise.all([seenOf(first, compare), seenOf(copy, compare)])
  const differences = compareSeen(one, other, compare)
  const different = differences.length === 0 ? 0 : 1
  return { counts: { sent: 1, compared: 1, different }, differences }
}
