/** The public halves of the keys that sign tokens, and of those that are to: what services verify with (RFC 7517 §5). */
import type { JWK } from 'jose'
import type { Environment } from '../../platform/ports.ts'
import type { SignOptions } from '../../upstreams/http/auth-schema.ts'
import { bindKey } from './key.ts'
import { readKeyForm } from './key-form.ts'
import { DEFAULT_KEY, DEFAULT_NEXT_KEY } from './sign.ts'

export interface KeySet {
  readonly keys: readonly JWK[]
}

/** Makes the set once per plan. A secret that is missing or no key is left out: health tells of it. */
export function bindKeySet(
  signs: readonly SignOptions[],
  environment: Environment,
): () => Promise<KeySet> {
  const texts = new Set(signs.flatMap(keyNames).map((name) => environment.secret(name)))
  const keys = [...texts].flatMap((text) => {
    const form = text === undefined ? null : readKeyForm(text)
    return form === null ? [] : [bindKey(form)]
  })
  return async function keySet() {
    const loaded = await Promise.all(keys.map((key) => key.loaded ?? key.load()))
    const byName = new Map(
      loaded.flatMap((one) => (one === null ? [] : [[one.kid, one.publicJwk]])),
    )
    return { keys: [...byName.values()] }
  }
}

/** The secrets that an upstream's `sign` reads its keys from. */
function keyNames({ key, nextKey }: SignOptions): readonly string[] {
  const next = key === undefined && nextKey === undefined ? [DEFAULT_NEXT_KEY] : []
  return [key?.secret ?? DEFAULT_KEY, ...(nextKey === undefined ? next : [nextKey.secret])]
}
