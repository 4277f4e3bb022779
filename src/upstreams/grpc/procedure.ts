/** Which procedure a request calls: the one that its route names, or the one that `google.api.http` has for it. */

import type { DescMethod } from '@bufbuild/protobuf'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { findMethod, type OutlineMethod } from '../../rpc/outline-core.ts'
import type { Api } from './api.ts'
import type { Parts } from './fill-core.ts'
import type { PathValues } from './path-template-core.ts'
import type { GrpcRouteOptions } from './schema.ts'

export interface Procedure {
  /** `/<service>/<method>`: the path of the call. */
  readonly path: string
  readonly outline: OutlineMethod
  readonly method: DescMethod
  /** The field of the answer that is sent in its place. */
  readonly responseField: string | null
  readonly fill: Omit<Parts, 'body' | 'isLooseInQuery'>
}

export type FindProcedure = (api: Api, exchange: Exchange) => Procedure | Refusal

export function bindFindProcedure(route: GrpcRouteOptions | undefined): FindProcedure {
  if (route === undefined) return findByRule
  const { service, method } = route
  return function findByName(api, exchange) {
    const outline = findMethod(api.services, service, method)
    if (outline === null) return refuse('RPC_NOT_FOUND', { reason: 'method-missing' })
    const fill = {
      bodyField: '*',
      query: exchange.outgoing.query,
      values: valuesOf(exchange.params),
      // A parameter may stand in a path for other reasons, a version for one.
      isLooseInPath: true,
    }
    return procedureOf(api, { service, outline, responseField: null, fill })
  }
}

function findByRule(api: Api, { outgoing }: Exchange): Procedure | Refusal {
  const routed = api.router().find(outgoing.method, outgoing.path)
  if (routed === null) return findByPath(api, outgoing)
  const { service, method: outline, rule, values } = routed
  const fill = {
    bodyField: rule.body,
    // With the whole message in the body nothing is left for the query (google/api/http.proto).
    query: rule.body === '*' ? null : outgoing.query,
    values,
    isLooseInPath: false,
  }
  return procedureOf(api, { service, outline, responseField: rule.responseBody, fill })
}

/** Connect's own path, by clients that leave out the field of its version, as curl does (connectrpc.com/docs/protocol). */
function findByPath(api: Api, { method, path }: Exchange['outgoing']): Procedure | Refusal {
  const [, service = '', name = '', ...more] = path.split('/')
  const outline = more.length === 0 ? findMethod(api.services, service, name) : null
  if (method !== 'POST' || outline === null) return refuse('RPC_NOT_FOUND')
  const fill = { bodyField: '*', query: null, values: [], isLooseInPath: false }
  return procedureOf(api, { service, outline, responseField: null, fill })
}

type Chosen = Pick<Procedure, 'outline' | 'responseField' | 'fill'> & { readonly service: string }

function procedureOf(
  { registry }: Api,
  { service, outline, ...rest }: Chosen,
): Procedure | Refusal {
  const method = registry.getService(service)?.methods.find(({ name }) => name === outline.name)
  if (method === undefined) return refuse('RPC_NOT_FOUND', { reason: 'method-missing' })
  if (outline.isClientStreaming) {
    return refuse('RPC_NOT_FOUND', {
      detail: 'The procedure takes a stream of messages, which plain HTTP cannot send.',
      reason: 'client-streaming',
    })
  }
  return { path: `/${service}/${outline.name}`, outline, method, ...rest }
}

function valuesOf(params: Readonly<Record<string, string>>): PathValues {
  return Object.entries(params).map(([name, value]) => ({ field: [name], value }))
}
