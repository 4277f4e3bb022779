/** Parts of a table in words, for `routes` and `explain`. */
import type { PlannedPolicy } from '../src/config/plan.ts'
import type { RouteSpec } from '../src/config/schema.ts'
import type { MatchSpec } from '../src/match/schema.ts'
import { planAggregate } from '../src/upstreams/aggregate/plan/plan.ts'

export const hostsOf = ({ hosts }: MatchSpec) => hosts?.join(' ') ?? '*'
export const methodsOf = ({ methods }: MatchSpec) => methods?.join(' ') ?? '*'

export function pathOf({ path }: MatchSpec): string {
  if (path === undefined) return '/*'
  return typeof path === 'string' ? path : `regex ${path.regex}`
}

/** Names only: the values may be secrets that clients send. */
export function conditionsOf({ headers, query, body, client }: MatchSpec): string[] {
  return [
    ...Object.keys(headers ?? {}).map((name) => `header ${name}`),
    ...Object.keys(query ?? {}).map((name) => `query ${name}`),
    ...Object.keys(body ?? {}).map((pointer) => `body ${pointer || '(whole)'}`),
    ...Object.keys(client ?? {}).map((key) => `client ${key}`),
  ]
}

/** `cors`, `cors "pages"`, with what is not usual in parentheses. */
export function describePolicy({ use, name, mode, from }: PlannedPolicy): string {
  const isNamed = !/^-\d+$/.test(name.slice(use.length)) || !name.startsWith(use)
  const notes = [...(mode === 'enforce' ? [] : [mode]), ...(from === 'route' ? [] : [from])]
  return `${use}${isNamed ? ` "${name}"` : ''}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
}

export function answerOf({ upstream, redirect, respond, aggregate, batch }: RouteSpec): string {
  if (redirect !== undefined) return `redirect ${redirect.status}`
  if (respond !== undefined) return `respond ${respond.status}`
  if (aggregate !== undefined) {
    const calls = Object.entries(aggregate.calls).map(([name, call]) => `${name}:${call.upstream}`)
    return `aggregate ${calls.join(' ')}`
  }
  if (batch !== undefined) return 'batch'
  if (typeof upstream === 'string') return `upstream ${upstream}`
  if (Array.isArray(upstream)) {
    return `upstreams ${upstream.map((share) => `${share.upstream}:${share.weight}`).join(' ')}`
  }
  const targets = upstream?.targets ?? []
  return `targets ${targets.map((target) => (typeof target === 'string' ? target : target.url)).join(' ')}`
}

/** The calls of an aggregate, each with what it waits for: `product GET /products of catalog, for each, after cart`. */
export function describeCalls({ aggregate }: RouteSpec): readonly string[] {
  if (aggregate === undefined) return []
  const planned = planAggregate(aggregate)
  // The table was loaded, so there is a plan.
  if (planned.kind === 'problems') return []
  const { calls } = planned.plan
  return calls.map(({ name, spec, required, waitsFor }) => {
    const notes = [
      ...(required ? ['required'] : []),
      ...(spec.forEach === undefined ? [] : [spec.batch === undefined ? 'for each' : 'in batches']),
      ...(waitsFor.length === 0
        ? []
        : [`after ${waitsFor.map((at) => calls[at]!.name).join(' ')}`]),
    ]
    return [`${name} ${spec.method ?? 'GET'} ${spec.path} of ${spec.upstream}`, ...notes].join(', ')
  })
}
