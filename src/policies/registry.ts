/** All policies, in the order of their stages: adding one touches its folder, a line here and one in schemas.ts. */
import type { PolicyDefinition } from '../pipeline/policy.ts'
import { definition as anyOf } from './any-of/policy.ts'
import { definition as apiKey } from './api-key/policy.ts'
import { definition as authorize } from './authorize/policy.ts'
import { definition as basicAuth } from './basic-auth/policy.ts'
import { definition as cache } from './cache/policy.ts'
import { definition as concurrency } from './concurrency/policy.ts'
import { definition as cors } from './cors/policy.ts'
import { definition as externalAuth } from './external-auth/policy.ts'
import { definition as fault } from './fault/policy.ts'
import { definition as floodGuard } from './flood-guard/policy.ts'
import { definition as geoFilter } from './geo-filter/policy.ts'
import { definition as grpcWeb } from './grpc-web/policy.ts'
import { definition as hmac } from './hmac/policy.ts'
import { definition as idempotency } from './idempotency/policy.ts'
import { definition as introspection } from './introspection/policy.ts'
import { definition as ipFilter } from './ip-filter/policy.ts'
import { definition as jwt } from './jwt/policy.ts'
import { definition as log } from './log/policy.ts'
import { definition as mtls } from './mtls/policy.ts'
import { definition as profiles } from './profiles/policy.ts'
import { definition as query } from './query/policy.ts'
import { definition as quota } from './quota/policy.ts'
import { definition as rateLimit } from './rate-limit/policy.ts'
import { definition as requestHeaders } from './request-headers/policy.ts'
import { definition as requestId } from './request-id/policy.ts'
import { definition as responseHeaders } from './response-headers/policy.ts'
import { definition as rewrite } from './rewrite/policy.ts'
import type { EntryOf, Use } from './schemas.ts'
import { definition as sizeLimit } from './size-limit/policy.ts'
import { definition as statusMap } from './status-map/policy.ts'
import { definition as transformRequest } from './transform-request/policy.ts'
import { definition as transformResponse } from './transform-response/policy.ts'
import { definition as versions } from './versions/policy.ts'

export const registry = {
  'request-id': requestId,
  log,
  'response-headers': responseHeaders,
  cors,
  'ip-filter': ipFilter,
  'geo-filter': geoFilter,
  'flood-guard': floodGuard,
  fault,
  'size-limit': sizeLimit,
  jwt,
  'api-key': apiKey,
  'basic-auth': basicAuth,
  introspection,
  'external-auth': externalAuth,
  hmac,
  mtls,
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
} as const satisfies { readonly [U in Use]: PolicyDefinition<EntryOf<U>> }

/** One entry of `policies` that is a policy. */
export type PolicyEntry = { [U in Use]: EntryOf<U> }[Use]
