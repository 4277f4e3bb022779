/** Reads a body that routing looks at (ROUTES.md §2, `body`): bounded, and kept for the service as bytes. */

import { type Refusal, refuse } from '../errors/refusal.ts'
import { formatOf } from '../formats/media-type.ts'
import { parseJson } from '../http/utf8.ts'
import { readWholeBody } from '../http/whole-body.ts'
import type { BodySubject } from '../match/subject.ts'
import type { Exchange, Outgoing } from './exchange.ts'

/** The body for conditions. What was read stands in `outgoing.body` afterwards, so that nothing is lost. */
export async function readBody(
  exchange: Pick<Exchange, 'received'> & { readonly outgoing: Pick<Outgoing, 'body'> },
  limitBytes: number,
): Promise<BodySubject | Refusal> {
  const { outgoing, received } = exchange
  if (formatOf(received['content-type']).format !== 'json') return { kind: 'other' }
  if (outgoing.body === null) return { kind: 'other' }
  const bytes = await readWholeBody(outgoing.body, received, limitBytes)
  if (!(bytes instanceof ArrayBuffer)) return bytes
  outgoing.body = bytes
  return parse(bytes)
}

function parse(bytes: ArrayBuffer): BodySubject | Refusal {
  const parsed = parseJson(bytes)
  if (parsed !== null) return { kind: 'json', ...parsed }
  return refuse('BODY_INVALID', {
    detail: 'The body says that it is JSON, and cannot be read as such.',
  })
}
