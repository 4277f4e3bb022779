/** What `health` of a table means, with nothing left out. Plain data: it travels to the upstream's object. */
import type { SecretRef } from '../../schema/atoms.ts'
import { bindTemplate } from '../../template/template.ts'
import type { HealthOptions } from './schema.ts'

export interface HealthRules {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly unhealthyAfter: number
  readonly healthyAfter: number
  /** From and to, both included. */
  readonly expect: readonly (readonly [number, number])[]
  readonly body: { readonly contains: string } | { readonly regex: string } | null
  readonly method: string
  /** By lower-case name; secrets by their name, read where the probe is sent. */
  readonly headers: Readonly<Record<string, string | SecretRef>>
  readonly trust: 'both' | 'probes'
}

type WrittenHeaders = Readonly<Record<string, string | SecretRef>>

export function healthRules(
  options: HealthOptions,
  upstreamHeaders: WrittenHeaders = {},
): HealthRules {
  const intervalMs = 1000 * (options.intervalSeconds ?? 10)
  return {
    path: options.path,
    intervalMs,
    timeoutMs: options.timeoutMs ?? Math.min(2_000, intervalMs),
    unhealthyAfter: options.unhealthyAfter ?? 3,
    healthyAfter: options.healthyAfter ?? 2,
    expect: (options.expect ?? ['200-299']).map(rangeOf),
    body: bodyOf(options),
    method: options.method ?? 'GET',
    headers: { ...constantsOf(upstreamHeaders), ...lowered(options.headers ?? {}) },
    trust: options.trust ?? 'both',
  }
}

function rangeOf(status: number | string): readonly [number, number] {
  if (typeof status === 'number') return [status, status]
  const [from, to] = status.split('-')
  return [Number(from), Number(to)]
}

function bodyOf({ body }: HealthOptions): HealthRules['body'] {
  if (body?.contains !== undefined) return { contains: body.contains }
  return body?.regex === undefined ? null : { regex: body.regex }
}

/** A probe is no client's request: what is read from one is left out. */
function constantsOf(headers: WrittenHeaders): WrittenHeaders {
  const kept = Object.entries(headers).flatMap(([name, value]) => {
    const constant = typeof value === 'string' ? bindTemplate(value, 'header').constant : value
    return constant === null ? [] : [[name.toLowerCase(), constant] as const]
  })
  return Object.fromEntries(kept)
}

function lowered(headers: WrittenHeaders): WrittenHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
