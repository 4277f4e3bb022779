/**
 * What a route of an upstream ends in, by what the upstream speaks: plain HTTP goes through as it is, all else has a
 * bridge. A kind more is a line more here.
 */
import type { TimeLimits } from '../calls/call.ts'
import type { Handler } from '../config/plan.ts'
import { attributesOf } from '../template/parse.ts'
import { eachText } from '../template/texts.ts'
import { bindGraphql } from './graphql/graphql.ts'
import { attributesOfOperation } from './graphql/reads.ts'
import type { GraphqlRouteOptions } from './graphql/schema.ts'
import { bindGrpc } from './grpc/grpc.ts'
import type { GrpcRouteOptions } from './grpc/schema.ts'
import type { BoundUpstream } from './http/upstream.ts'

/** The keys of a route that say what is asked of a bridge. */
export interface BridgedRoute {
  readonly graphql?: GraphqlRouteOptions | undefined
  readonly grpc?: GrpcRouteOptions | undefined
}

export function bindBridge(
  upstream: BoundUpstream,
  route: BridgedRoute,
  limits: TimeLimits,
): Handler {
  const { kind, graphql = {}, grpc } = upstream.options
  if (kind === 'graphql') {
    return bindGraphql({ upstream, options: graphql, route: route.graphql, limits })
  }
  if (grpc !== undefined) return bindGrpc({ upstream, options: grpc, route: route.grpc, limits })
  return upstream.handler(limits)
}

/** The names of the vocabulary by which the answer of a bridge may differ. */
export function attributesOfBridge({ graphql, grpc }: BridgedRoute): readonly string[] {
  const names: string[] = graphql === undefined ? [] : [...attributesOfOperation(graphql)]
  eachText(grpc?.request, [], (text) => names.push(...attributesOf(text)))
  return names
}
