/** A bearer token verified with jose, as its documentation shows it: the key set is read once per isolate. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'

export interface Trust {
  readonly JWKS: string
  readonly ISSUER: string
  readonly AUDIENCE: string
}

let keys: ReturnType<typeof createLocalJWKSet> | null = null

export async function verifyBearer(
  authorization: string | null | undefined,
  { JWKS, ISSUER, AUDIENCE }: Trust,
): Promise<boolean> {
  keys ??= createLocalJWKSet(JSON.parse(JWKS) as JSONWebKeySet)
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
  try {
    await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE })
    return true
  } catch {
    return false
  }
}
