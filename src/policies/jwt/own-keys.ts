/** Keys that the table itself has: a secret, or one public key. Each is imported once for each algorithm. */
import { importSPKI } from 'jose'
import type { Secret } from '../../http/secret.ts'
import type { FindKeys, FoundKeys } from '../../identity/key-sets.ts'

const unknown: FoundKeys = Object.freeze({ kind: 'unknown' })

/** The key of `secret`. The algorithm of the token was judged before: it is one of HMAC. */
export function bindSecretKey(secret: Secret): FindKeys {
  return bindOwnKey((alg) => {
    const bytes = new TextEncoder().encode(secret.reveal())
    const hash = `SHA-${alg.slice(2)}`
    return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['verify'])
  })
}

export function bindPublicKey(pem: string): FindKeys {
  return bindOwnKey((alg) => importSPKI(pem.trim(), alg))
}

function bindOwnKey(importFor: (alg: string) => Promise<CryptoKey>): FindKeys {
  // Keys, not promises of them: one that is under way belongs to its request.
  const imported = new Map<string, FoundKeys>()
  return async function findOwnKey(_ports, { alg }) {
    const known = imported.get(alg)
    if (known !== undefined) return known
    const found = await tryImport(importFor, alg)
    imported.set(alg, found)
    return found
  }
}

async function tryImport(
  importFor: (alg: string) => Promise<CryptoKey>,
  alg: string,
): Promise<FoundKeys> {
  try {
    const key = await importFor(alg)
    return { kind: 'found', keys: [key], freshUntil: Number.POSITIVE_INFINITY }
  } catch {
    return unknown
  }
}
