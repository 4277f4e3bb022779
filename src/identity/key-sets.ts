/**
 * Public keys that verify tokens (RFC 7517). Keys are imported before they are held: what waits on an import of
 * another request may never wake (PLATFORM: promises belong to their request). Private and secret keys are no
 * part of a set.
 */
import { importJWK } from 'jose'
import { discoveryOf } from './discovery.ts'
import { type DocumentPorts, type Look, lookAgain, lookUp } from './remote-document.ts'

export interface SetKey {
  readonly kid: string | null
  /** The one algorithm that this import is for: a key without `alg` is in the set once for each. */
  readonly alg: string
  readonly key: CryptoKey
}

export type KeySet = readonly SetKey[]

export interface WantedKey {
  readonly alg: string
  readonly kid: string | undefined
}

export type FoundKeys =
  | {
      readonly kind: 'found'
      /** Each may be the one: a token without `kid` does not say. */
      readonly keys: readonly CryptoKey[]
      /** Until when what they verified may be remembered; milliseconds since 1970. */
      readonly freshUntil: number
    }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number }

/** Finds the keys that may have signed a token. */
export type FindKeys = (ports: DocumentPorts, wanted: WantedKey) => Promise<FoundKeys>

// A set with more is no set of an issuer; a token without `kid` would be checked against each.
const MAX_KEYS = 100
const MAX_CANDIDATES = 10

const unknown: FoundKeys = Object.freeze({ kind: 'unknown' })

/** The keys of the set at this URL. An unknown `kid` has it fetched again, within its cool-down. */
export function bindRemoteKeys(url: string): FindKeys {
  const document = { kind: 'key-set', url, parse: importKeySet }
  return async function findRemoteKeys(ports, wanted) {
    const first = await lookUp(ports, document)
    const found = pick(first, wanted)
    const isWorthAsking =
      found.kind === 'unknown' && wanted.kid !== undefined && first.kind === 'held' && !first.isNew
    return isWorthAsking ? pick(await lookAgain(ports, document), wanted) : found
  }
}

/** The keys of the set that the issuer's metadata names (OpenID Connect Discovery 1.0 §4). */
export function bindDiscoveredKeys(issuer: string): FindKeys {
  const metadata = discoveryOf(issuer)
  let last: { readonly url: string; readonly find: FindKeys } | null = null
  return async function findDiscoveredKeys(ports, wanted) {
    const look = await lookUp(ports, metadata)
    if (look.kind === 'unavailable') return look
    const url = look.value.jwksUrl
    if (last === null || last.url !== url) last = { url, find: bindRemoteKeys(url) }
    return last.find(ports, wanted)
  }
}

/** The keys of a set that stands in the table. */
export function bindTableKeys(jwks: unknown): FindKeys {
  let set: KeySet | null = null
  return async function findTableKeys(_ports, wanted) {
    set ??= (await importKeySet(jwks)) ?? []
    return pickFrom(set, wanted, Number.POSITIVE_INFINITY)
  }
}

function pick(look: Look<KeySet>, wanted: WantedKey): FoundKeys {
  return look.kind === 'held' ? pickFrom(look.value, wanted, look.freshUntil) : look
}

function pickFrom(set: KeySet, { alg, kid }: WantedKey, freshUntil: number): FoundKeys {
  const keys = set
    .filter((one) => one.alg === alg && (kid === undefined || one.kid === kid))
    .slice(0, MAX_CANDIDATES)
    .map(({ key }) => key)
  return keys.length === 0 ? unknown : { kind: 'found', keys, freshUntil }
}

type Jwk = Readonly<Record<string, unknown>>

/** The keys of a JWK set that can verify; null where the JSON is none, or has no such key. */
export async function importKeySet(json: unknown): Promise<KeySet | null> {
  const keys = (json as { readonly keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) return null
  const imported = await Promise.all(keys.slice(0, MAX_KEYS).flatMap(importKey))
  const usable = imported.filter((one) => one !== null)
  return usable.length === 0 ? null : usable
}

function importKey(written: unknown): Promise<SetKey | null>[] {
  if (typeof written !== 'object' || written === null) return []
  const jwk = written as Jwk
  if (!isPublicKey(jwk) || !isForVerifying(jwk)) return []
  const kid = typeof jwk.kid === 'string' ? jwk.kid : null
  const algorithms = algorithmsOfJwk(jwk).filter((alg) => jwk.alg === undefined || jwk.alg === alg)
  return algorithms.map(async (alg) => {
    try {
      const key = await importJWK({ ...jwk, alg }, alg)
      return key instanceof CryptoKey && key.type === 'public' ? { kid, alg, key } : null
    } catch {
      // A key of another kind, or one that the runtime does not know, takes no other with it.
      return null
    }
  })
}

/** Whether a JWK holds nothing that has to stay secret. */
export function isPublicKey(jwk: Jwk): boolean {
  return !['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'].some((name) =>
    Object.hasOwn(jwk, name),
  )
}

/** RFC 7517 §4.2, §4.3: a key that says what it is for is for nothing else. */
function isForVerifying({ use, key_ops: operations }: Jwk): boolean {
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const curves = new Map<unknown, readonly string[]>([
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
])

/** Every algorithm by which a public key can verify: those of its type. */
export function algorithmsOfJwk({ kty, crv }: Jwk): readonly string[] {
  if (kty === 'RSA') return RSA
  if (kty === 'EC') return curves.get(crv) ?? []
  return kty === 'OKP' && crv === 'Ed25519' ? ['EdDSA', 'Ed25519'] : []
}
