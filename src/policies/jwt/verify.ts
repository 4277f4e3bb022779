/** Verifies a token: whose it says it is, with which key, and whether the signature holds. `jose` does the JOSE. */
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import type { Claims } from '../../identity/claims.ts'
import type { DocumentPorts } from '../../identity/remote-document.ts'
import { type Fault, type JudgedHeader, judgeHeader } from './core.ts'
import type { Trust } from './trust.ts'

export interface VerifyRules {
  readonly trusts: readonly Trust[]
  readonly typ: string | undefined
  readonly toleranceSeconds: number
}

export type Verification =
  | {
      readonly kind: 'verified'
      readonly claims: Claims
      readonly authority: string
      /** Until when this may be remembered, as far as the key is concerned; milliseconds since 1970. */
      readonly freshUntil: number
    }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number }

/** `nowSeconds` is when the request came in. The shape of the token was judged before. */
export async function verifyToken(
  ports: DocumentPorts,
  token: string,
  rules: VerifyRules,
  nowSeconds: number,
): Promise<Verification> {
  const trust = trustOf(token, rules.trusts)
  if (typeof trust === 'string') return refused(trust)
  const header = headerOf(token, trust.algorithms)
  if (header.kind === 'refused') return header
  const found = await trust.find(ports, header)
  if (found.kind === 'unavailable') return found
  if (found.kind === 'unknown') return refused('key-unknown')
  for (const key of found.keys) {
    const tried = await tryKey(token, key, header.alg, { trust, rules, nowSeconds })
    // Another key of the set may have made it: a token without `kid` does not say.
    if (tried === 'signature-invalid' && key !== found.keys.at(-1)) continue
    if (typeof tried === 'string') return refused(tried)
    const { authority } = trust
    return { kind: 'verified', claims: tried, authority, freshUntil: found.freshUntil }
  }
  return refused('key-unknown')
}

/** Chosen by an `iss` that nothing has proved yet: the keys of that issuer prove it, or nobody's do. */
function trustOf(token: string, trusts: readonly Trust[]): Trust | Fault {
  const [only] = trusts
  if (only !== undefined && only.issuer === null) return only
  try {
    const { iss } = decodeJwt(token)
    return trusts.find(({ issuer }) => issuer === iss) ?? 'issuer-unknown'
  } catch {
    return 'token-malformed'
  }
}

function headerOf(token: string, algorithms: readonly string[]): JudgedHeader {
  try {
    return judgeHeader(decodeProtectedHeader(token), algorithms)
  } catch {
    return { kind: 'refused', fault: 'token-malformed' }
  }
}

interface Attempt {
  readonly trust: Trust
  readonly rules: VerifyRules
  readonly nowSeconds: number
}

async function tryKey(
  token: string,
  key: CryptoKey,
  alg: string,
  { trust, rules, nowSeconds }: Attempt,
): Promise<Claims | Fault> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [alg],
      currentDate: new Date(nowSeconds * 1000),
      clockTolerance: rules.toleranceSeconds,
      ...(rules.typ === undefined ? {} : { typ: rules.typ }),
      ...(trust.issuer === null ? {} : { issuer: trust.issuer }),
    })
    return payload
  } catch (error) {
    return faultOf(error)
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature-invalid'
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim(error.claim)
  if (error instanceof errors.JOSEError) return 'token-malformed'
  // `jose` says so of a key that is too short for the algorithm (RFC 7518 §3.3).
  if (error instanceof TypeError) return 'key-unusable'
  throw error
}

function faultOfClaim(claim: string): Fault {
  switch (claim) {
    case 'iss':
      return 'issuer-unknown'
    case 'typ':
      return 'type-mismatch'
    case 'nbf':
      return 'not-yet-valid'
    default:
      return 'claim-invalid'
  }
}

function refused(fault: Fault): Verification {
  return { kind: 'refused', fault }
}
