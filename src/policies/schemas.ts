/**
 * The schemas of all policies, in the order of the registry. They stand apart from it, since no request needs them:
 * an isolate builds them when a table has to be judged. Adding a policy is a line here beside that in registry.ts.
 */
import type * as z from 'zod/mini'
import { anyOfSchema as anyOf } from './any-of/schema.ts'
import { apiKeySchema as apiKey } from './api-key/schema.ts'
import { authorizeSchema as authorize } from './authorize/schema.ts'
import { basicAuthSchema as basicAuth } from './basic-auth/schema.ts'
import { cacheSchema as cache } from './cache/schema.ts'
import { concurrencySchema as concurrency } from './concurrency/schema.ts'
import { corsSchema as cors } from './cors/schema.ts'
import { externalAuthSchema as externalAuth } from './external-auth/schema.ts'
import { faultSchema as fault } from './fault/schema.ts'
import { floodGuardSchema as floodGuard } from './flood-guard/schema.ts'
import { geoFilterSchema as geoFilter } from './geo-filter/schema.ts'
import { grpcWebSchema as grpcWeb } from './grpc-web/schema.ts'
import { hmacSchema as hmac } from './hmac/schema.ts'
import { idempotencySchema as idempotency } from './idempotency/schema.ts'
import { introspectionSchema as introspection } from './introspection/schema.ts'
import { ipFilterSchema as ipFilter } from './ip-filter/schema.ts'
import { jwtSchema as jwt } from './jwt/schema.ts'
import { logSchema as log } from './log/schema.ts'
import { mtlsSchema as mtls } from './mtls/schema.ts'
import { profilesSchema as profiles } from './profiles/schema.ts'
import { querySchema as query } from './query/schema.ts'
import { quotaSchema as quota } from './quota/schema.ts'
import { rateLimitSchema as rateLimit } from './rate-limit/schema.ts'
import { requestHeadersSchema as requestHeaders } from './request-headers/schema.ts'
import { requestIdSchema as requestId } from './request-id/schema.ts'
import { responseHeadersSchema as responseHeaders } from './response-headers/schema.ts'
import { rewriteSchema as rewrite } from './rewrite/schema.ts'
import { sizeLimitSchema as sizeLimit } from './size-limit/schema.ts'
import { statusMapSchema as statusMap } from './status-map/schema.ts'
import { transformRequestSchema as transformRequest } from './transform-request/schema.ts'
import { transformResponseSchema as transformResponse } from './transform-response/schema.ts'
import { versionsSchema as versions } from './versions/schema.ts'

/** Of those that find out who is calling: what may stand within `any-of`. */
export const identitySchemas = {
  jwt,
  'api-key': apiKey,
  'basic-auth': basicAuth,
  introspection,
  'external-auth': externalAuth,
  hmac,
  mtls,
} as const

export const schemas = {
  'request-id': requestId,
  log,
  'response-headers': responseHeaders,
  cors,
  'ip-filter': ipFilter,
  'geo-filter': geoFilter,
  'flood-guard': floodGuard,
  fault,
  'size-limit': sizeLimit,
  ...identitySchemas,
  'any-of': anyOf,
  authorize,
  'rate-limit': rateLimit,
  quota,
  concurrency,
  rewrite,
  query,
  'request-headers': requestHeaders,
  versions,
  'transform-request': transformRequest,
  'transform-response': transformResponse,
  'status-map': statusMap,
  profiles,
  'grpc-web': grpcWeb,
  idempotency,
  cache,
} as const

/** The value of `use`. */
export type Use = keyof typeof schemas

type Schema<U extends Use> = (typeof schemas)[U]

/** What the schema of a policy leaves of its entry. */
export type EntryOf<U extends Use> = z.infer<Schema<U>>
