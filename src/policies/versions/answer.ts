/** Turns an answer of the service, which is one of the newest version, into one for the client's. */

import { isBodiless } from '../../http/bodiless.ts'
import { discardBody } from '../../http/body.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import { handOn, takeHanded } from '../../shape/handed.ts'
import type { Chain, Lowering } from './chain.ts'

/** Writes the client's version into a media type; null where the client did not ask by one. */
export type MarkType = ((type: string) => string) | null

/** Body, status and media type for the client. What nothing changes is the same object, its body unread. */
export async function lowerAnswer(
  exchange: Exchange,
  response: Response,
  { lowering, statusOf }: Chain,
  markType: MarkType,
): Promise<Answer> {
  // An upgrade is no answer of any version.
  if (response.status === 101) return response
  const shaped = lowering === null ? response : await lowerBody(exchange, response, lowering)
  if (!(shaped instanceof Response)) return shaped
  const status = statusOf === null ? shaped.status : statusOf(shaped.status)
  return relabel(shaped, status, markType)
}

async function lowerBody(
  exchange: Exchange,
  response: Response,
  { shaping, markOf }: Lowering,
): Promise<Answer> {
  const wanted = { form: null, tree: null, mark: markOf(exchange) }
  const shaped = await shaping.shape(exchange, response, wanted)
  return shaped.kind === 'refused' ? shaped : shaped.response
}

/** Another status and another media type in one new response, or the same response where neither changes. */
function relabel(response: Response, status: number, markType: MarkType): Response {
  const type = markType === null || !response.ok ? null : response.headers.get('content-type')
  const marked = type === null ? null : (markType?.(type) ?? null)
  if (status === response.status && marked === type) return response
  const { headers } = response
  if (isBodiless(status)) {
    discardBody(response.body)
    const relabeled = new Response(null, { status, headers })
    for (const name of ['content-length', 'content-type']) relabeled.headers.delete(name)
    return relabeled
  }
  const relabeled = new Response(response.body, { status, headers })
  if (marked !== null) relabeled.headers.set('content-type', marked)
  const handed = takeHanded(response)
  if (handed !== undefined) handOn(relabeled, handed)
  return relabeled
}
