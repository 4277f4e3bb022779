/** Binds what a match asks beside host, path and method: headers, query, client and body (ROUTES.md §2). */
import { bindCidrs } from '../http/cidr.ts'
import { readParameter } from '../http/query.ts'
import { bindPointer } from './json-pointer.ts'
import type { MatchSpec } from './schema.ts'
import type { Subject } from './subject.ts'
import { bindCondition } from './value-condition.ts'

/** Body bytes that are read to choose a route, unless `bodyLimitBytes` says otherwise (ROUTES.md §2). */
export const DEFAULT_BODY_LIMIT_BYTES = 65_536

/** The condition by which a match did not hold. */
export type ConditionName =
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'client'; readonly name: keyof ClientSpec }
  | { readonly kind: 'body'; readonly pointer: string }

export interface Condition {
  readonly failed: ConditionName
  readonly holds: (subject: Subject) => boolean
}

export interface Conditions {
  readonly headers: readonly Condition[]
  readonly query: readonly Condition[]
  readonly client: readonly Condition[]
  readonly body: readonly Condition[]
  readonly bodyLimitBytes: number
}

type ClientSpec = Omit<NonNullable<MatchSpec['client']>, 'description'>

const noConditions: Conditions = Object.freeze({
  headers: [],
  query: [],
  client: [],
  body: [],
  bodyLimitBytes: DEFAULT_BODY_LIMIT_BYTES,
})

export function bindConditions(spec: MatchSpec): Conditions {
  if (!(spec.headers || spec.query || spec.client || spec.body)) return noConditions
  return {
    headers: Object.entries(spec.headers ?? {}).map(([name, condition]) => {
      const holds = bindCondition(condition)
      const field = name.toLowerCase()
      return {
        failed: { kind: 'header', name: field },
        holds: (subject) => holds(subject.headers[field]),
      }
    }),
    query: Object.entries(spec.query ?? {}).map(([name, condition]) => {
      const holds = bindCondition(condition)
      return {
        failed: { kind: 'query', name },
        holds: (subject) => holds(readParameter(subject.query, name) ?? undefined),
      }
    }),
    client: bindClient(spec.client ?? {}),
    body: Object.entries(spec.body ?? {}).map(([pointer, condition]) => {
      const holds = bindCondition(condition)
      const read = bindPointer(pointer)
      return {
        failed: { kind: 'body', pointer },
        holds: ({ body }) => body.kind === 'json' && holds(read(body.value)),
      }
    }),
    bodyLimitBytes: spec.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
  }
}

function bindClient({ ips, countries, continents, asns }: ClientSpec): Condition[] {
  const bound: Condition[] = []
  const add = (name: keyof ClientSpec, holds: Condition['holds']) => {
    bound.push({ failed: { kind: 'client', name }, holds })
  }
  if (ips !== undefined) {
    const inside = bindCidrs(ips)
    add('ips', ({ client }) => inside(client.address))
  }
  if (countries !== undefined) {
    const wanted = new Set<string | null>(countries)
    add('countries', ({ client }) => wanted.has(client.country))
  }
  if (continents !== undefined) {
    const wanted = new Set<string | null>(continents)
    add('continents', ({ client }) => wanted.has(client.continent))
  }
  if (asns !== undefined) {
    const wanted = new Set<number | null>(asns)
    add('asns', ({ client }) => wanted.has(client.asn))
  }
  return bound
}
