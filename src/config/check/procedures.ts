/** What routes say of procedures must fit their upstreams, and the descriptors that stand in the table. */
import { decodeBase64 } from '../../rpc/base64-core.ts'
import { findMethod, type OutlineService, readOutline } from '../../rpc/outline-core.ts'
import { suggestion } from '../../schema/nearest.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import type { Path } from '../json.ts'
import { placedUpstreams } from '../placed-upstreams.ts'
import type { Problem } from '../problem.ts'
import type { RouteSpec, RouteTable } from '../schema.ts'
import { refused } from './note.ts'

export function checkProcedures(table: RouteTable): Problem[] {
  const sets = new Map<UpstreamOptions, readonly OutlineService[]>()
  const problems: Problem[] = []
  for (const { options, path } of placedUpstreams(table)) {
    const descriptors = options.grpc?.descriptors
    if (descriptors === undefined || !('base64' in descriptors)) continue
    const bytes = decodeBase64(descriptors.base64)
    const outline = bytes === null ? null : readOutline(bytes)
    if (outline?.kind === 'outline') sets.set(options, outline.services)
    else problems.push(invalidSet(path, outline?.reason ?? 'text that is no base64'))
  }
  for (const [index, route] of table.routes.entries()) {
    if (route.grpc !== undefined) problems.push(...checkRoute(table, route, index, sets))
  }
  return problems
}

function invalidSet(path: Path, reason: string): Problem {
  const expected = 'a set of descriptors with all that its files import'
  return refused(
    [...path, 'grpc', 'descriptors', 'base64'],
    'DESCRIPTORS_INVALID',
    `expected ${expected}, found ${reason}`,
    { found: reason, expected },
  )
}

function checkRoute(
  table: RouteTable,
  route: RouteSpec,
  index: number,
  sets: ReadonlyMap<UpstreamOptions, readonly OutlineService[]>,
): Problem[] {
  const path = ['routes', index, 'grpc']
  const used = upstreamsOf(table, route)
  if (used.length === 0 || used.some(({ grpc }) => grpc === undefined)) {
    const expected = 'an upstream of the kind "grpc"'
    const message = `expected ${expected} beside "grpc", found another`
    return [refused(path, 'PROCEDURE_WITHOUT_UPSTREAM', message, { found: 'another', expected })]
  }
  return used.flatMap((options) => {
    const services = sets.get(options)
    return services === undefined ? [] : checkNames(route, services, path)
  })
}

/** An unknown name of an upstream is told elsewhere. */
function upstreamsOf({ upstreams = {} }: RouteTable, { upstream }: RouteSpec) {
  const named = (name: string) => (Object.hasOwn(upstreams, name) ? [upstreams[name]!] : [])
  if (upstream === undefined) return []
  if (typeof upstream === 'string') return named(upstream)
  return Array.isArray(upstream) ? upstream.flatMap((share) => named(share.upstream)) : [upstream]
}

function checkNames(
  { grpc }: RouteSpec,
  services: readonly OutlineService[],
  path: Path,
): Problem[] {
  if (grpc === undefined) return []
  const service = services.find(({ name }) => name === grpc.service)
  if (service === undefined) {
    return [unknown(path, 'service', grpc.service, services)]
  }
  const method = findMethod(services, grpc.service, grpc.method)
  if (method === null) return [unknown(path, 'method', grpc.method, service.methods)]
  if (!method.isClientStreaming) return []
  const found = 'one that takes a stream of messages'
  const expected = 'a method that takes one message'
  return [
    refused([...path, 'method'], 'PROCEDURE_STREAMS', `expected ${expected}, found ${found}`, {
      found,
      expected,
    }),
  ]
}

function unknown(
  path: Path,
  key: 'service' | 'method',
  name: string,
  known: readonly { readonly name: string }[],
): Problem {
  const meant = suggestion(
    name,
    known.map((one) => one.name),
  )
  const message = `unknown ${key} "${name}"${meant || '; the descriptors do not have it'}`
  const expected = `a ${key} of the descriptors`
  return refused([...path, key], 'PROCEDURE_UNKNOWN', message, {
    found: JSON.stringify(name),
    expected,
  })
}
