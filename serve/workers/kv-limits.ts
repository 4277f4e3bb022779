/** What Cloudflare's KV refuses, and in which words: the binding shows them as `KV PUT failed: <status> <reason>`. */

export interface Refused {
  readonly kind: 'refused'
  readonly status: number
  readonly reason: string
}

export function refused(status: number, reason: string): Refused {
  return { kind: 'refused', status, reason }
}

// developers.cloudflare.com/kv/platform/limits
const MAX_KEY_BYTES = 512
const MAX_METADATA_BYTES = 1024
const MAX_VALUE_BYTES = 25 * 1024 * 1024
const MIN_CACHE_TTL_SECONDS = 30
const MIN_EXPIRATION_SECONDS = 60
const MAX_LIST_KEYS = 1000

export function vetKey(key: string): Refused | null {
  if (key === '') return refused(400, 'Key names must not be empty')
  if (key === '.' || key === '..') {
    return refused(400, `Illegal key name "${key}". Please use a different name.`)
  }
  const bytes = new TextEncoder().encode(key).byteLength
  return bytes <= MAX_KEY_BYTES
    ? null
    : refused(414, `UTF-8 encoded length of ${bytes} exceeds key length limit of ${MAX_KEY_BYTES}.`)
}

export function vetMetadata(metadata: string | null): Refused | null {
  if (metadata === null) return null
  const bytes = new TextEncoder().encode(metadata).byteLength
  return bytes <= MAX_METADATA_BYTES
    ? null
    : refused(413, `Metadata length of ${bytes} exceeds limit of ${MAX_METADATA_BYTES}.`)
}

export function vetValue(bytes: number): Refused | null {
  return bytes <= MAX_VALUE_BYTES
    ? null
    : refused(413, `Value length of ${bytes} exceeds limit of ${MAX_VALUE_BYTES}.`)
}

export function vetCacheTtl(text: string | null): Refused | null {
  return text === null || Number(text) >= MIN_CACHE_TTL_SECONDS
    ? null
    : refused(
        400,
        `Invalid cache_ttl of ${text}. Cache TTL must be at least ${MIN_CACHE_TTL_SECONDS}.`,
      )
}

type Expiration = { readonly kind: 'accepted'; readonly expires: number | null } | Refused

/** The second since 1970 at which a value ends, or null; of the two options the relative one wins. */
export function vetExpiration(query: URLSearchParams, nowSeconds: number): Expiration {
  const ttl = query.get('expiration_ttl')
  const at = query.get('expiration')
  if (ttl !== null) {
    const seconds = Number(ttl)
    if (!Number.isInteger(seconds) || seconds <= 0) {
      return refused(
        400,
        `Invalid expiration_ttl of ${ttl}. Please specify integer greater than 0.`,
      )
    }
    return seconds >= MIN_EXPIRATION_SECONDS
      ? { kind: 'accepted', expires: nowSeconds + seconds }
      : refused(
          400,
          `Invalid expiration_ttl of ${ttl}. Expiration TTL must be at least ${MIN_EXPIRATION_SECONDS}.`,
        )
  }
  if (at === null) return { kind: 'accepted', expires: null }
  const second = Number(at)
  if (!Number.isInteger(second) || second <= nowSeconds) {
    return refused(
      400,
      `Invalid expiration of ${at}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    )
  }
  return second >= nowSeconds + MIN_EXPIRATION_SECONDS
    ? { kind: 'accepted', expires: second }
    : refused(
        400,
        `Invalid expiration of ${at}. Expiration times must be at least ${MIN_EXPIRATION_SECONDS} seconds in the future.`,
      )
}

export function vetLimit(
  text: string | null,
): { readonly kind: 'accepted'; readonly count: number } | Refused {
  const count = Number(text ?? MAX_LIST_KEYS)
  if (!Number.isInteger(count) || count < 1) {
    return refused(
      400,
      `Invalid key_count_limit of ${text}. Please specify an integer greater than 0.`,
    )
  }
  return count <= MAX_LIST_KEYS
    ? { kind: 'accepted', count }
    : refused(
        400,
        `Invalid key_count_limit of ${text}. Please specify an integer less than ${MAX_LIST_KEYS}.`,
      )
}
