/** The key of a request (ROUTES.md §5): a hash, so that it says nothing of whom it is for. */
import { sha256Hex } from '../../buckets/sha256.ts'
import { bindCounts, cleanQuery, joinParts, noise, sortQuery } from '../../cache/key-core.ts'
import { urlOf } from '../../cache/look-up.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindContext } from '../../pipeline/policy.ts'
import { bindKeyPart } from '../limit-key-parts.ts'
import type { CacheOptions } from './schema.ts'

export interface BoundKey {
  /** Of the request as it came, or of another path and query of the same origin. */
  keyOf(exchange: Exchange, shared: boolean, place?: Place): string
  /** The URL of the same, of what counts alone: one for all requests that may share an answer. */
  urlOf(exchange: Exchange, place?: Place): string
  /** Takes the parameters that do not count out of what goes on. */
  clean(exchange: Exchange): void
}

export interface Place {
  readonly path: string
  readonly query: string
}

// Grows when the parts of a key change: what an older build has stored is not found.
const FORM = '1'

export function bindKey(options: CacheOptions, { route, shapeReads }: BindContext): BoundKey {
  const { sort = false, only = null, ignore = only === null ? noise : [] } = options.query ?? {}
  const counts = bindCounts({ sort, only, ignore })
  const readers = [
    ...(options.varyBy ?? []).map((name) => bindKeyPart(name, route).read),
    ...shapeReads,
  ]

  function queryOf(place: Place): string {
    const query = cleanQuery(place.query, counts)
    return sort ? sortQuery(query) : query
  }

  return {
    keyOf(exchange, shared, place = exchange.target) {
      const { target, identity, admitted = [] } = exchange
      const parts = [FORM, route, target.scheme, target.host, target.port, place.path]
      parts.push(queryOf(place))
      if (shared || identity === null) parts.push('')
      else parts.push('caller', identity.authority, identity.subject)
      // Who was let in without a name has no store of his own; the service is told of him all the same.
      for (const [field, value] of admitted) parts.push('admitted', field, value)
      for (const read of readers) parts.push(read(exchange))
      return hashOf(joinParts(parts), exchange)
    },
    urlOf({ target }, place = target) {
      return urlOf({ ...target, path: place.path, query: queryOf(place) })
    },
    clean({ outgoing }) {
      outgoing.query = cleanQuery(outgoing.query, counts)
    },
  }
}

const HASHED = 'cache:keys'
// 1 kB each with its hash: at most 1 MB in an isolate.
const MOST_HASHED = 1_000
const MOST_HASHED_LENGTH = 900

/** Hashing costs 4 % of a hit: of what was asked for a moment ago it is known. */
function hashOf(text: string, { ports }: Exchange): string {
  if (text.length > MOST_HASHED_LENGTH) return sha256Hex(text)
  const hashed = ports.memories.of<string>(HASHED, MOST_HASHED)
  const known = hashed.get(text, 0)
  if (known !== undefined) return known
  const hash = sha256Hex(text)
  hashed.set(text, hash, Number.POSITIVE_INFINITY)
  return hash
}
