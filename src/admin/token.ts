/** Compares an admin token in a time that tells nothing about the right one. */
import type { AdminConfig } from './config.ts'

/** The token of `Authorization: Bearer <token>` (RFC 6750 §2.1), or null. */
export function bearerOf(authorization: string | undefined): string | null {
  return authorization?.match(/^bearer +(\S+) *$/i)?.[1] ?? null
}

/** Whether the token is one of the two that are set. */
export async function isAdminToken(given: string, config: AdminConfig): Promise<boolean> {
  const [digest, token, next] = await Promise.all([
    digestOf(given),
    digestOf(config.token ?? ''),
    digestOf(config.nextToken ?? ''),
  ])
  // Both are compared whichever holds; digests have one length, so that of the token does not show either.
  const isToken = config.token !== null && isEqual(digest, token)
  const isNext = isEqual(digest, next) && config.nextToken !== null
  return isToken || isNext
}

async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = 0
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0)
  return difference === 0
}
