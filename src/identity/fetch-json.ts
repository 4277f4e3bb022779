/**
 * Fetches one JSON document of an identity provider: bounded in time and size, and no redirect is followed, since
 * where it leads was not written by the operator.
 */

import { readUpTo } from '../http/read-up-to.ts'
import { parseJson } from '../http/utf8.ts'
import type { Ports } from '../platform/ports.ts'

export type FetchedJson =
  | {
      readonly kind: 'fetched'
      readonly json: unknown
      /** What its Cache-Control leaves of its life (RFC 9111 §4.2), or null where it does not say. */
      readonly lifetimeSeconds: number | null
    }
  | { readonly kind: 'failed' }

export const FETCH_TIMEOUT_MS = 3_000
// The largest key sets in use have some 20 KiB.
const MAX_BYTES = 262_144

const failed: FetchedJson = Object.freeze({ kind: 'failed' })

export async function fetchJson(
  { network, timers }: Pick<Ports, 'network' | 'timers'>,
  url: string,
): Promise<FetchedJson> {
  const controller = new AbortController()
  const alarm = timers.after(FETCH_TIMEOUT_MS)
  void alarm.done.then(() => controller.abort())
  try {
    const headers = { accept: 'application/json', 'user-agent': 'isogate' }
    const call = { url, method: 'GET', headers, body: null, signal: controller.signal }
    const response = await network.send(call)
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel()
      return failed
    }
    const bytes = await readUpTo(response.body, MAX_BYTES)
    if (bytes === null) return failed
    const parsed = parseJson(bytes)
    if (parsed === null) return failed
    return {
      kind: 'fetched',
      json: parsed.value,
      lifetimeSeconds: lifetimeOf(response.headers),
    }
  } catch {
    return failed
  } finally {
    alarm.cancel()
  }
}

function lifetimeOf(headers: Headers): number | null {
  const control = headers.get('cache-control')
  if (control === null) return null
  if (/(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])/i.test(control)) return 0
  const found = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(control)
  if (found === null) return null
  const age = Number(headers.get('age') ?? 0) || 0
  return Math.max(0, Number(found[1]) - age)
}
