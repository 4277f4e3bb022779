/** Whose tokens a policy takes, and with which keys it verifies them: bound once, per issuer. */

import {
  type HmacAlgorithm,
  hmacAlgorithms,
  isHmac,
  leastSecretBytes,
  publicKeyAlgorithms,
} from '../../identity/algorithms.ts'
import {
  bindDiscoveredKeys,
  bindRemoteKeys,
  bindTableKeys,
  type FindKeys,
} from '../../identity/key-sets.ts'
import { type ProviderProfile, profileOf } from '../../identity/presets.ts'
import { readSecret } from '../../identity/read-secret.ts'
import type { BindContext } from '../../pipeline/policy.ts'
import { bindPublicKey, bindSecretKey } from './own-keys.ts'
import { algorithmsOfPublicKey, nameOfPublicKey } from './public-key.ts'
import type { JwtOptions } from './schema.ts'

export interface Trust {
  /** The exact `iss`; null where any token counts that the key verifies. */
  readonly issuer: string | null
  readonly authority: string
  readonly algorithms: readonly string[]
  readonly find: FindKeys
}

/** The profile of `preset`, or null. */
export function profileIn({ preset }: JwtOptions): ProviderProfile | null {
  return preset === undefined ? null : profileOf(preset)
}

/** The issuers that an entry trusts. One without `issuer` trusts its key, under a name that no other key has. */
export function trustedIssuers(options: JwtOptions): readonly string[] {
  const issuers = profileIn(options)?.issuers ?? [options.issuer ?? []].flat()
  return issuers.length > 0 ? issuers : nameOfSource(options)
}

function nameOfSource({ jwksUrl, jwks, secret, publicKey }: JwtOptions): readonly string[] {
  if (secret !== undefined) return [`secret:${secret.secret}`]
  if (publicKey !== undefined) return [nameOfPublicKey(publicKey)]
  if (jwksUrl !== undefined) return [`keys:${jwksUrl}`]
  // A variable that is missing hides an issuer (config/stand-in.ts): it counts as one all the same.
  if (jwks === undefined) return ['unresolved']
  // The modulus or the coordinate is the key: no other key has its end.
  const ends = jwks.keys.map(({ n, x }) => String(n ?? x).slice(-24))
  return [`keys:${ends.join(',')}`]
}

export function bindTrusts(options: JwtOptions, context: BindContext): readonly Trust[] {
  const source = bindSource(options, context)
  const issuers = trustedIssuers(options)
  const hasIssuer = options.issuer !== undefined || options.preset !== undefined
  const algorithms = options.algorithms ?? source.algorithms
  return issuers.map((issuer) => ({
    issuer: hasIssuer ? issuer : null,
    authority: `jwt:${issuer}`,
    algorithms,
    find: source.findOf(issuer),
  }))
}

interface Source {
  /** What its keys can verify: taken unless `algorithms` says less. */
  readonly algorithms: readonly string[]
  findOf(issuer: string): FindKeys
}

function bindSource(options: JwtOptions, context: BindContext): Source {
  const { jwksUrl, jwks, secret, publicKey } = options
  const profile = profileIn(options)
  if (profile !== null) return shared(bindRemoteKeys(profile.jwksUrl), profile.algorithms)
  if (secret !== undefined) return bindSecret(options, context)
  if (publicKey !== undefined) {
    return shared(bindPublicKey(publicKey), algorithmsOfPublicKey(publicKey) ?? [])
  }
  if (jwksUrl !== undefined) return shared(bindRemoteKeys(jwksUrl), publicKeyAlgorithms)
  if (jwks !== undefined) return shared(bindTableKeys(jwks), publicKeyAlgorithms)
  return { algorithms: publicKeyAlgorithms, findOf: bindDiscoveredKeys }
}

function shared(find: FindKeys, algorithms: readonly string[]): Source {
  return { algorithms, findOf: () => find }
}

function bindSecret({ secret, algorithms }: JwtOptions, context: BindContext): Source {
  if (secret === undefined) return shared(bindTableKeys({ keys: [] }), [])
  const pointer = `${context.pointer}/secret`
  const read = readSecret(context, pointer, secret)
  const { length } = new TextEncoder().encode(read.reveal())
  const isLongEnough = (one: HmacAlgorithm) => length >= leastSecretBytes(one)
  const asked = algorithms?.filter(isHmac) ?? hmacAlgorithms.filter(isLongEnough)
  const isUsable = asked.length > 0 && asked.every(isLongEnough)
  if (length > 0 && !isUsable) {
    const least = leastSecretBytes(asked[0] ?? 'HS256')
    const form = `of at least ${least} bytes (RFC 7518 §3.2)`
    context.missing(pointer, 'SECRET_INVALID', secret.secret, form)
  }
  return shared(bindSecretKey(read), isUsable ? asked : [])
}
