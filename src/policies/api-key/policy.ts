/**
 * `api-key`: knows callers by keys that the gateway gave out. A key in the isolate's memory costs no promise.
 * Whatever is wrong with a key, the client is told the same; the event has the reason.
 */
import { refuse } from '../../errors/refusal.ts'
import { bindForward, reservedBy } from '../../identity/forward.ts'
import { hasKeyLength, isWellFormed } from '../../identity/keys/format.ts'
import { holdOn, type KeyLook, lookUp, recall } from '../../identity/keys/look-up.ts'
import type { KeyRecord } from '../../identity/keys/record.ts'
import { bindTokenPlaces, type TokenFrom, type TokenPlace } from '../../identity/token-places.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import {
  type Authentication,
  type BindContext,
  type Caller,
  type CredentialPlace,
  type Identify,
  noRoute,
  type PolicyDefinition,
} from '../../pipeline/policy.ts'
import { decideFault, judgeKey } from './core.ts'
import type { ApiKeyOptions } from './schema.ts'

export const definition: PolicyDefinition<ApiKeyOptions> = {
  use: 'api-key',
  stage: 'identify',
  arity: 'one',
  summary: 'Knows callers by API keys that this gateway gave out.',
  bind: bindApiKey,
  reserves: ({ forward }) => reservedBy(forward),
}

const defaultFrom: TokenFrom = { header: 'X-API-Key' }
const absent: Authentication = Object.freeze({ kind: 'absent' })

function bindApiKey(options: ApiKeyOptions, { route }: BindContext): Identify {
  const { optional = false, storeTimeoutMs = 1_000, onStoreFault = 'deny' } = options
  const from = options.from ?? defaultFrom
  const asked = route === noRoute ? null : route
  const readKey = bindTokenPlaces(from, [])
  const placesOf = options.passOn === true ? () => noPlaces : bindSpent(from)
  const forward = bindForward(options.forward)
  // There is no registered scheme for keys; a challenge has to name one (RFC 9110 §11.6.1).
  const challenge = `ApiKey realm="${options.realm ?? 'api'}"`
  // One refusal for all that can be wrong: what it was only the operator learns.
  const invalid = refuse('CREDENTIALS_INVALID', { headers: { 'www-authenticate': challenge } })
  const refused = (reason: string): Authentication => ({
    kind: 'refused',
    refusal: invalid,
    reason,
  })

  function conclude(exchange: Exchange, key: string, look: KeyLook): Authentication {
    switch (look.kind) {
      case 'known':
        return judge(exchange, look.record)
      case 'unknown':
        return refused(look.reason)
      case 'fault': {
        const decided = decideFault(onStoreFault, look.last)
        if (decided.kind === 'unavailable') return unavailable(look.reason)
        holdOn(key, exchange.ports)
        return judge(exchange, decided.record)
      }
    }
  }

  function judge(exchange: Exchange, record: KeyRecord): Authentication {
    const verdict = judgeKey(record, asked, exchange.ports.clock.now())
    if (verdict.kind === 'refused') return refused(verdict.reason)
    const caller = callerOf(record)
    return {
      kind: 'verified',
      caller,
      spent: placesOf(exchange),
      forward: forward(caller.claims),
    }
  }

  return {
    kind: 'identify',
    optional,
    challenge,
    authenticate: function apiKey(exchange) {
      const found = readKey(exchange)
      if (found.kind === 'absent') return absent
      if (found.kind === 'twice') return refused('key-repeated')
      const { token: key } = found
      if (!hasKeyLength(key)) return refused('key-malformed')
      const { ports } = exchange
      const known = recall(key, ports)
      if (known !== null) return conclude(exchange, key, known)
      if (!isWellFormed(key)) return refused('key-malformed')
      return lookUp(key, storeTimeoutMs, ports).then((look) => conclude(exchange, key, look))
    },
  }
}

const noStore = refuse('STORE_UNAVAILABLE', { headers: { 'retry-after': '1' } })

function unavailable(reason: string): Authentication {
  return { kind: 'unavailable', refusal: noStore, reason }
}

/** All keys of a consumer are one caller: a rotation gives nobody new buckets or an empty cache. */
function callerOf(record: KeyRecord): Caller {
  const { id, consumer, plan, roles, scopes, permissions, metadata } = record
  return {
    authority: 'key',
    subject: consumer,
    claims: { sub: consumer, id, consumer, plan, roles, scopes, permissions, metadata },
    roles,
    scopes,
    permissions,
    consumer,
    plan,
  }
}

const noPlaces: readonly CredentialPlace[] = []

/** Every place that holds a key is emptied, not only the one that counted: the service needs none of them. */
function bindSpent(from: TokenFrom): (exchange: Exchange) => readonly CredentialPlace[] {
  const places = (Array.isArray(from) ? from : [from]).map((place: TokenPlace) => ({
    read: bindTokenPlaces(place, []),
    place: placeOf(place),
  }))
  const all = places.map(({ place }) => place)
  if (places.length === 1) return () => all
  return (exchange) =>
    places.filter(({ read }) => read(exchange).kind !== 'absent').map(({ place }) => place)
}

function placeOf(place: TokenPlace): CredentialPlace {
  if ('header' in place) return { in: 'header', name: place.header.toLowerCase() }
  return 'cookie' in place
    ? { in: 'cookie', name: place.cookie }
    : { in: 'query', name: place.query }
}
