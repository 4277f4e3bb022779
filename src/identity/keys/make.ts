/** Makes a key. The key itself is shown once and is kept nowhere. */
import type { Randomness } from '../../platform/ports.ts'
import { composeKey, prefixOf, randomPart } from './format.ts'
import { hashOfKey } from './hash.ts'
import type { KeyRecord } from './record.ts'

/** What an operator says of a key. */
export type KeyGrant = Pick<
  KeyRecord,
  | 'consumer'
  | 'plan'
  | 'scopes'
  | 'roles'
  | 'permissions'
  | 'metadata'
  | 'routes'
  | 'expiresAt'
  | 'description'
>

export interface MadeKey {
  readonly key: string
  readonly hash: string
  readonly record: KeyRecord
}

export async function makeKey(
  env: string,
  grant: KeyGrant,
  { randomness, now }: { readonly randomness: Randomness; readonly now: number },
): Promise<MadeKey> {
  const key = composeKey(env, randomPart(randomness.hex))
  const record: KeyRecord = {
    ...grant,
    // Rises with time, so that lists are in the order of making: 12 digits reach beyond the year 10000.
    id: now.toString(16).padStart(12, '0') + randomness.hex(6),
    prefix: prefixOf(key),
    createdAt: now,
    revokedAt: null,
    replacedBy: null,
    graceUntil: null,
    changedAt: now,
  }
  return { key, hash: await hashOfKey(key), record }
}

/** Whether a text may be the id of a key. */
export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text)
}
