/**
 * A private key of the table, imported when it is first needed and once per plan: a CryptoKey may serve every
 * request of its isolate, the promise of one may not, so only what has settled is kept.
 */
import { calculateJwkThumbprint, exportJWK, importJWK, importPKCS8, type JWK } from 'jose'
import type { KeyForm, SigningAlgorithm } from './key-form.ts'

export interface LoadedKey {
  readonly privateKey: CryptoKey
  readonly algorithm: SigningAlgorithm
  /** The RFC 7638 thumbprint: the same key has the same name in every isolate. */
  readonly kid: string
  /** With `kid`, `alg` and `use`, as it stands in a key set. */
  readonly publicJwk: JWK
}

export interface SigningKey {
  /** Null until it is loaded. */
  readonly loaded: LoadedKey | null
  /** Null where the runtime does not take the key. */
  load(): Promise<LoadedKey | null>
}

export function bindKey(form: KeyForm): SigningKey {
  let loaded: LoadedKey | null = null
  return {
    get loaded() {
      return loaded
    },
    async load() {
      loaded ??= await loadKey(form)
      return loaded
    },
  }
}

async function loadKey(form: KeyForm): Promise<LoadedKey | null> {
  try {
    const { algorithm } = form
    const bare = form.kind === 'jwk' ? form.jwk : await exportJWK(await importForm(form, true))
    const { kty = '', crv, x, y } = bare as JWK
    const own = { kty, ...(crv && { crv }), ...(x && { x }), ...(y && { y }) } as JWK
    const kid = await calculateJwkThumbprint(own)
    return {
      privateKey: await importForm(form, false),
      algorithm,
      kid,
      publicJwk: { ...own, kid, alg: algorithm, use: 'sig' },
    }
  } catch {
    // The form was right and the key is not: a point off the curve, for one.
    return null
  }
}

async function importForm(form: KeyForm, extractable: boolean): Promise<CryptoKey> {
  const { algorithm } = form
  if (form.kind === 'pem') return importPKCS8(form.pem, algorithm, { extractable })
  return (await importJWK({ ...form.jwk }, algorithm, { extractable })) as CryptoKey
}
