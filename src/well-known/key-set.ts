/**
 * `/.well-known/jwks.json`: the public keys of the tokens that the gateway signs (RFC 7517 §5). Served once an
 * upstream of the table has `auth.sign`. A next key stands here before it signs, so that no service misses it.
 */
import { bindKeySet } from '../calls/sign/key-set.ts'
import { JWKS_PATH } from '../http/well-known.ts'
import { listUpstreams } from '../upstreams/listed.ts'
import { answerDocument, type WellKnownDocument } from './document.ts'

export const keySet: WellKnownDocument = {
  path: JWKS_PATH,
  bind({ table, environment }) {
    const signs = listUpstreams(table).flatMap(({ auth }) => auth?.sign ?? [])
    if (signs.length === 0) return null
    const load = bindKeySet(signs, environment)
    return async function answerKeySet(exchange) {
      return answerDocument(exchange, await load())
    }
  },
}
