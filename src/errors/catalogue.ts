/**
 * Every code a client or an operator can meet, with the page that explains it.
 * A code is stable for ever; the page is served under `/_gateway/problems/<code in kebab-case>` (RFC 9457 §3.1.1).
 */

import { compositionCodes } from './composition.ts'
import { type CatalogueEntry, entry } from './entry.ts'

export type { CatalogueEntry, Fault } from './entry.ts'

export const catalogue = {
  HOST_INVALID: entry(
    400,
    'client',
    'The Host header is not a host name.',
    'Send one Host header: a name, an IPv4 address or a bracketed IPv6 address, with an optional port.',
  ),
  TARGET_INVALID: entry(
    400,
    'client',
    'The request target is not acceptable.',
    'Send a path without backslashes, control characters, or dot segments that lead above the root.',
  ),
  PATH_VALUE_INVALID: entry(
    400,
    'client',
    'A value of the request cannot stand in the path of the service.',
    'A path segment may not be empty, "." or "..". Send another value.',
  ),
  HEADER_VALUE_INVALID: entry(
    400,
    'client',
    'A value of the request cannot stand in a header.',
    'Leave out line breaks and NUL characters.',
  ),
  BODY_INVALID: entry(
    400,
    'client',
    'The body is not what its media type says.',
    'Send a body that is what its Content-Type says.',
  ),
  CREDENTIALS_MISSING: entry(
    401,
    'client',
    'This route needs to know who is calling.',
    'Send a credential of a kind that the WWW-Authenticate header names.',
  ),
  CREDENTIALS_INVALID: entry(
    401,
    'client',
    'The credential is not valid.',
    'Get a new one. The operator finds the exact reason in the event of the request id in `instance`.',
  ),
  JWT_EXPIRED: entry(401, 'client', 'The token has expired.', 'Request a new token and send it.'),
  PERMISSION_DENIED: entry(
    403,
    'client',
    'The caller may not do this.',
    'Ask the operator of this API for the role, scope or permission that the route needs.',
  ),
  IDENTITY_UNAVAILABLE: entry(
    503,
    'gateway',
    'The gateway cannot verify who is calling at the moment.',
    'The source of keys or the identity service does not answer. Try again after the time in Retry-After.',
  ),
  ADDRESS_DENIED: entry(
    403,
    'client',
    'This address may not call the route.',
    'Ask the operator of this API which networks may call it.',
  ),
  LOCATION_DENIED: entry(
    403,
    'client',
    'The route may not be called from this country or network.',
    'Ask the operator of this API where it may be called from.',
  ),
  ROUTE_NOT_FOUND: entry(
    404,
    'client',
    'No route answers this request.',
    'Check host, path and headers. An operator can run `isogate explain` to see which routes came near.',
  ),
  METHOD_NOT_ALLOWED: entry(
    405,
    'client',
    'The path exists, but not with this method.',
    'Use one of the methods in the Allow header.',
  ),
  BODY_TOO_LARGE: entry(
    413,
    'client',
    'The body is larger than this route takes.',
    'Send at most the number of bytes that the problem states.',
  ),
  TARGET_TOO_LONG: entry(
    414,
    'client',
    'The request target is longer than this route takes.',
    'Send a shorter path or query, or put the values into a body.',
  ),
  BODY_ENCODED: entry(
    415,
    'client',
    'The body is encoded, and this route reads it.',
    'Send the body without Content-Encoding.',
  ),
  HEADERS_TOO_LARGE: entry(
    431,
    'client',
    'The header fields are larger than this route takes.',
    'Send fewer or shorter header fields.',
  ),
  CLIENT_CLOSED: entry(
    499,
    'client',
    'The client went away before the answer was there.',
    'No client sees this code: it stands in the event of the request. The calls below it were ended.',
  ),
  INTERNAL_ERROR: entry(
    500,
    'gateway',
    'The gateway failed on this request.',
    'Give the request id in `instance` to the operator: the event log has the error under the same id.',
  ),
  ROUTE_UNAVAILABLE: entry(
    500,
    'operator',
    'The route needs something that this gateway does not have.',
    'A secret, variable or service binding is missing, or a secret is not of the form that is needed. `GET /_gateway/health` names its place in the table.',
  ),
  UPSTREAM_UNREACHABLE: entry(
    502,
    'upstream',
    'The service could not be reached.',
    'The connection was refused or lost, its name did not resolve, or TLS failed. Try again later.',
  ),
  UPSTREAM_AUTH_FAILED: entry(
    502,
    'operator',
    'The gateway could not prove to the service who it is.',
    'The request was not sent. A token endpoint that the service needs does not answer or refuses the gateway, or a key cannot sign. The event of the request id in `instance` has the reason.',
  ),
  UPSTREAM_BAD_STATUS: entry(
    502,
    'upstream',
    'The service answered with a status that cannot be passed on.',
    'The service sent an informational, unknown or edge-generated status. Its operator has to look.',
  ),
  RATE_LIMITED: entry(
    429,
    'client',
    'The caller sends more than its limit.',
    'Wait for the time in Retry-After. RateLimit-Policy says what is allowed.',
  ),
  QUOTA_EXCEEDED: entry(
    429,
    'client',
    'The quota of this period is spent.',
    'Wait until the next period begins, after the time in Retry-After, or ask the operator for a larger quota.',
  ),
  CONCURRENCY_LIMITED: entry(
    429,
    'client',
    'Too many requests of this caller run at the same time.',
    'Wait for answers before the next request is sent.',
  ),
  FLOOD_LIMITED: entry(
    429,
    'client',
    'Too many requests come from this address.',
    'Wait for the time in Retry-After, and send fewer requests.',
  ),
  PLAN_MISSING: entry(
    403,
    'operator',
    'The caller has no plan, and this route is limited by plan.',
    'Give the consumer a plan, or add a consumer named `anonymous` whose plan holds for all others.',
  ),
  CAPACITY_REDUCED: entry(
    503,
    'upstream',
    'The service is under load, and less important requests are refused for now.',
    'Try again after the time in Retry-After.',
  ),
  BREAKER_OPEN: entry(
    503,
    'upstream',
    'The service fails, and is left alone for a while.',
    'Try again after the time in Retry-After. Operators see the breaker under /_gateway/breakers.',
  ),
  UPSTREAM_FULL: entry(
    503,
    'upstream',
    'As many calls to the service run as it may have at the same time.',
    'Try again in a moment. An operator can raise `maxConcurrent` of the upstream.',
  ),
  NO_HEALTHY_TARGET: entry(
    503,
    'upstream',
    'No target of the service can be called.',
    'All targets are missing, ejected or unhealthy. Operators see their state under /_gateway/breakers.',
  ),
  DEADLINE_TOO_SHORT: entry(
    504,
    'client',
    'The time that the client gave is over before the service could answer.',
    'Give more time in the deadline field, or leave it out.',
  ),
  FAULT_INJECTED: entry(
    503,
    'operator',
    'The operator of this gateway tests what happens when requests fail.',
    'The answer comes from a `fault` policy, which ends at the time that the table says.',
  ),
  BUCKET_REQUEST_INVALID: entry(
    422,
    'operator',
    'What was asked of a bucket has problems, and nothing was done.',
    'Name the policy and the key as `GET /_gateway/buckets` lists them.',
  ),
  UPSTREAM_UNKNOWN: entry(
    404,
    'operator',
    'The table has no such upstream, or it has no breaker.',
    'GET /_gateway/breakers lists those that there are.',
  ),
  TABLE_MISSING: entry(
    503,
    'operator',
    'The gateway has no routes yet.',
    'Put a table: `PUT /_gateway/routes`, or write it to KV under the key `routes`.',
  ),
  IDEMPOTENCY_KEY_MISSING: entry(
    400,
    'client',
    'This route needs an idempotency key.',
    'Send a key of your own with each operation, such as a UUID, and the same one when it is tried again.',
  ),
  IDEMPOTENCY_KEY_INVALID: entry(
    400,
    'client',
    'The idempotency key cannot be read.',
    'Send one key: 1 to 255 visible ASCII characters, as a quoted string or bare, without commas.',
  ),
  IDEMPOTENCY_IN_PROGRESS: entry(
    409,
    'client',
    'A request with this idempotency key is still running.',
    'Wait for the time in Retry-After and ask again: the answer of the first request will be given.',
  ),
  IDEMPOTENCY_KEY_REUSED: entry(
    422,
    'client',
    'This idempotency key belongs to another request.',
    'A key stands for one method, target and body. Send a new key for a new operation.',
  ),
  IDEMPOTENCY_ANSWER_NOT_KEPT: entry(
    409,
    'client',
    'The request was carried out, and its answer is no longer there.',
    'It was too large to keep, or a stream; `answerStatus` is its status. Ask the service for what came of it.',
  ),
  IDEMPOTENCY_OUTCOME_UNKNOWN: entry(
    409,
    'client',
    'A request with this idempotency key was sent, and nobody knows what it came to.',
    'Ask the service whether it was carried out before you send it again with a new key.',
  ),
  IDEMPOTENCY_KEYS_EXCEEDED: entry(
    429,
    'client',
    'Too many idempotency keys are remembered for this caller.',
    'Wait for the time in Retry-After, and send fewer requests with keys.',
  ),
  STORE_UNAVAILABLE: entry(
    503,
    'gateway',
    'A store that this request needs did not answer.',
    'Try again after the time in Retry-After.',
  ),
  CACHE_NOT_STORED: entry(
    504,
    'client',
    'Only a stored answer was asked for, and there is none.',
    'Leave out only-if-cached in Cache-Control, so that the service may be asked.',
  ),
  UPSTREAM_TIMEOUT: entry(
    504,
    'upstream',
    'The service did not answer in time.',
    'Try again later. An operator can set `timeoutMs` on the route or the upstream.',
  ),
  ADMIN_NOT_FOUND: entry(
    404,
    'client',
    'There is no such page under /_gateway.',
    'See the documentation for the paths under /_gateway. Without ADMIN_TOKEN most of them do not exist.',
  ),
  ADMIN_TOKEN_INVALID: entry(
    401,
    'client',
    'The admin token is missing or wrong.',
    'Send `Authorization: Bearer <ADMIN_TOKEN>`.',
  ),
  ADMIN_TOKEN_THROTTLED: entry(
    429,
    'client',
    'Too many wrong admin tokens came from this address.',
    'Wait for the time in Retry-After, then send the right token.',
  ),
  TABLE_INVALID: entry(
    422,
    'operator',
    'The table has problems and was not taken.',
    'Each entry of `problems` has a JSON Pointer, what was found and what was expected. The old table stays.',
  ),
  TABLE_VERSION_CONFLICT: entry(
    412,
    'operator',
    'Another table came between.',
    'Read the table again, apply the change to it, and send If-Match with its version.',
  ),
  TABLE_VERSION_UNKNOWN: entry(
    404,
    'operator',
    'There is no such version of the table.',
    'GET /_gateway/routes lists the versions that can be rolled back to: the last 50.',
  ),
  PURGE_INVALID: entry(
    422,
    'operator',
    'What was to be purged has problems, and nothing was purged.',
    'Each entry of `problems` has a JSON Pointer into the body, what was found and what was expected.',
  ),
  API_KEY_REQUEST_INVALID: entry(
    422,
    'operator',
    'What was asked for a key has problems, and nothing was done.',
    'Each entry of `problems` has a JSON Pointer into the body, what was found and what was expected.',
  ),
  API_KEY_UNKNOWN: entry(
    404,
    'operator',
    'There is no key with this id.',
    'GET /_gateway/keys lists the ids. A key leaves the list 30 days after it has ended.',
  ),
  API_KEY_ENDED: entry(
    409,
    'operator',
    'The key has ended, or was replaced already.',
    'Make a new key, or rotate the one that came in its place: `replacedBy` has its id.',
  ),
  ...compositionCodes,
} as const satisfies Record<string, CatalogueEntry>

export type Code = keyof typeof catalogue

/** `UPSTREAM_TIMEOUT` → `upstream-timeout`: the last segment of a problem's type. */
export function slugOf(code: Code): string {
  return code.toLowerCase().replaceAll('_', '-')
}

/** The code whose page has this slug, or null. */
export function codeOf(slug: string): Code | null {
  const code = slug.toUpperCase().replaceAll('-', '_')
  return Object.hasOwn(catalogue, code) && slug === slugOf(code as Code) ? (code as Code) : null
}
