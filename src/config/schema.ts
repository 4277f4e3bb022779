/**
 * The document (ROUTES.md §1-§4), the one source: from it come the types, routes.schema.json, the pages of
 * docs/reference and the messages. Keys of later features are unknown until something reads them.
 */
import * as z from 'zod/mini'
import { splitSchema } from '../calls/canary/schema.ts'
import { deadlineSchema } from '../calls/deadline/schema.ts'
import { matchListSchema } from '../match/schema.ts'
import { makeAnyOfSchema } from '../policies/any-of/schema.ts'
import type { PolicyEntry } from '../policies/registry.ts'
import { identitySchemas, schemas, type Use } from '../policies/schemas.ts'
import {
  described,
  integer,
  label,
  map,
  milliseconds,
  name,
  object,
  text,
} from '../schema/atoms.ts'
import { cidr } from '../schema/client.ts'
import { prioritySchema, spendingShape, withSpendingRule } from '../schema/limits.ts'
import { aggregateSchema } from '../upstreams/aggregate/schema.ts'
import { batchSchema } from '../upstreams/batch/schema.ts'
import { graphqlRouteSchema } from '../upstreams/graphql/schema.ts'
import { grpcRouteSchema } from '../upstreams/grpc/schema.ts'
import { upstreamSchema } from '../upstreams/http/schema.ts'
import { redirectSchema } from '../upstreams/redirect/schema.ts'
import { respondSchema } from '../upstreams/respond/schema.ts'

/** The schema of each policy as a table has it: here alone `any-of` knows what may stand within it. */
export const policySchemas: Readonly<Record<Use, z.ZodMiniType>> = {
  ...schemas,
  'any-of': makeAnyOfSchema(
    discriminated(
      Object.values<z.ZodMiniType>(identitySchemas),
      'an identity policy, an object with `use`',
    ),
  ),
}

function discriminated<Entry>(schemas: readonly z.ZodMiniType[], error?: string) {
  // The tuple that zod wants is the values of one literal; their types are those of its entries.
  const options = schemas as unknown as [z.core.$ZodTypeDiscriminable]
  const schema = z.discriminatedUnion('use', options, error === undefined ? {} : { error })
  return schema as unknown as z.ZodMiniType<Entry>
}

function policyEntry(error?: string) {
  return discriminated<PolicyEntry>(Object.values(policySchemas), error)
}

/** Sets by name, and policies. */
const policyListSchema = z.array(z.union([label, policyEntry()]))
const policySetSchema = z.array(policyEntry('a policy, an object with `use` (sets do not nest)'))

export const pathsSchema = object({
  emptySegments: described(
    'Empty segments of a path (`//`): `keep` (default), `merge` into one slash, or `reject` with 400.',
    z.optional(z.enum(['keep', 'merge', 'reject'])),
  ),
  encodedSlash: described(
    '`%2F` and `%5C` in a path: `keep` (default; they never separate segments) or `reject` with 400.',
    z.optional(z.enum(['keep', 'reject'])),
  ),
  semicolon: described(
    '`;` in a path: `keep` (default) or `reject` with 400. `%3B` is data and stays.',
    z.optional(z.enum(['keep', 'reject'])),
  ),
})

export const clientIpSchema = object({
  source: described(
    'Who says where a client is: `peer` (the connection), `cloudflare`, or `forwarded` (the trusted part of X-Forwarded-For). `cloudflare` on Cloudflare, else `peer`, unless given.',
    z.optional(z.enum(['peer', 'cloudflare', 'forwarded'])),
  ),
  trustedHops: described(
    'With `forwarded`: how many proxies stand before the gateway. 0 unless given.',
    z.optional(integer(0, 32)), // Longer chains of own proxies are not met; a bound keeps a typing error out.
  ),
  trustedCidrs: described(
    'With `forwarded`: the addresses of the proxies, single or as CIDR.',
    z.optional(z.array(cidr)),
  ),
})

export const defaultsSchema = object({
  policies: described('Policies that come first on every route.', z.optional(policyListSchema)),
  timeoutMs: described(
    'From dispatch until the headers of the answer, where neither route nor upstream says; 504 when it runs out.',
    z.optional(milliseconds),
  ),
})

const weightedSchema = object({
  upstream: described('The name of an upstream.', name),
  weight: described('Its share of the requests, beside the others.', integer(0, 1_000_000)),
})

export const routeSchema = object({
  name: described('Unique; the `route` label in logs, metrics and errors.', label),
  description: described('For people; not read.', z.optional(z.unknown())),
  match: described(
    'Which requests the route answers: a match, or a list of which one must hold.',
    matchListSchema,
  ),
  policies: described(
    'Policy sets by name, and policies; they run in the order of their stages.',
    z.optional(policyListSchema),
  ),
  skip: described(
    'Policies of `defaults` to leave out: a `use`, or the `name` of one.',
    z.optional(z.array(z.string())),
  ),
  upstream: described(
    'The service that answers: the name of an upstream, an upstream, or a weighted list.',
    z.optional(z.union([name, upstreamSchema, z.array(weightedSchema).check(z.minLength(1))])),
  ),
  graphql: described(
    'Of an upstream of the kind `graphql`: the operation that answers, and what its variables are. Requests pass through as they are unless given.',
    z.optional(graphqlRouteSchema),
  ),
  grpc: described(
    'Of an upstream of the kind `grpc`: the procedure that answers. The `google.api.http` rules of the descriptors decide unless given.',
    z.optional(grpcRouteSchema),
  ),
  split: described(
    'Of a weighted list in `upstream`: who is sent where, and when a new upstream is left again.',
    z.optional(splitSchema),
  ),
  redirect: described(
    'Answers with a redirect; what is not given stays as in the request.',
    z.optional(redirectSchema),
  ),
  respond: described('Answers by itself.', z.optional(respondSchema)),
  aggregate: described(
    'Makes one answer from many calls of upstreams of the table.',
    z.optional(aggregateSchema),
  ),
  batch: described(
    'Runs several requests to routes of this table in one, each under its own policies.',
    z.optional(batchSchema),
  ),
  priority: described(
    'How important its requests are when not all can be served: `sheddable` ones are refused first. `normal`, or that of the plan, unless given.',
    z.optional(prioritySchema),
  ),
  timeoutMs: described(
    'From dispatch until the headers of the answer, all tries included; 504 when it runs out. Before that of upstream and defaults.',
    z.optional(milliseconds),
  ),
})

export const planSchema = withSpendingRule(
  object({
    ...spendingShape,
    priority: described(
      'How important the requests of its consumers are, where the route does not say: the lowest is shed first.',
      z.optional(prioritySchema),
    ),
  }),
)

export const consumerSchema = withSpendingRule(
  object({
    ...spendingShape,
    description: described('For people; not read.', z.optional(z.unknown())),
    issuers: described(
      'Whose callers may be this consumer: token issuers, or authorities such as `basic` or `hmac`. Needed once the table trusts more than one issuer.',
      z.optional(z.array(text()).check(z.minLength(1))),
    ),
    roles: described(
      'Roles of the consumer, beside those of its credential.',
      z.optional(z.array(text())),
    ),
    plan: described('The name of its plan.', z.optional(label)),
    metadata: described('Values for templates and services.', z.optional(map(z.unknown()))),
  }),
)

export const tableSchema = object({
  $schema: described('Where editors find the schema of this document.', z.optional(z.string())),
  version: described('The version of this format.', z.literal(1)),
  clientIp: described('How the address of the client is known.', z.optional(clientIpSchema)),
  paths: described('What ambiguous paths come to.', z.optional(pathsSchema)),
  underscores: described(
    'Whether inbound header fields with `_` in their names pass. They are dropped unless true: many services read `_` and `-` as the same.',
    z.optional(z.boolean()),
  ),
  defaults: described('What holds for every route.', z.optional(defaultsSchema)),
  deadline: described(
    'How clients say how long they wait. Not read unless given.',
    z.optional(deadlineSchema),
  ),
  policySets: described(
    'Lists of policies by name, to be named in `policies`. Sets do not nest.',
    z.optional(map(policySetSchema, label)),
  ),
  plans: described(
    'What consumers may spend, by the name of their plan.',
    z.optional(map(planSchema, label)),
  ),
  consumers: described(
    'Callers that the table knows, by the subject of their credential.',
    z.optional(map(consumerSchema)),
  ),
  upstreams: described('The services by name.', z.optional(map(upstreamSchema, label))),
  routes: described('The routes. Order only breaks ties.', z.array(routeSchema)),
})

export type RouteTable = z.infer<typeof tableSchema>
export type RouteSpec = z.infer<typeof routeSchema>
