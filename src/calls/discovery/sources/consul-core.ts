/** What Consul's health endpoint lists for a service. Pure. */
import { type Listed, urlAt } from '../entry-core.ts'
import type { SourceOf } from '../rules.ts'

/** The path with its query; `index` waits for a change of what has it. */
export function consulPath(
  { service, passing, tag }: SourceOf<'consul'>,
  wait: { readonly index: string; readonly seconds: number } | null,
): string {
  const query = new URLSearchParams()
  if (passing) query.set('passing', 'true')
  if (tag !== null) query.set('tag', tag)
  if (wait !== null) {
    query.set('index', wait.index)
    query.set('wait', `${wait.seconds}s`)
  }
  const text = query.toString()
  return `/v1/health/service/${encodeURIComponent(service)}${text === '' ? '' : `?${text}`}`
}

/** Null where it is no list. */
export function listConsul(
  json: unknown,
  { scheme }: SourceOf<'consul'>,
): readonly Listed[] | null {
  if (!Array.isArray(json)) return null
  return json.map((one: Instance | null) => {
    const { Address, Port, Weights } = one?.Service ?? {}
    // An instance without an address of its own runs at that of its node.
    const address = Address || one?.Node?.Address
    if (!address) return null
    const weight = Weights?.Passing
    return {
      url: urlAt(address, Port || null, scheme),
      ...(weight === undefined ? {} : { weight }),
    }
  })
}

interface Instance {
  readonly Node?: { readonly Address?: string }
  readonly Service?: {
    readonly Address?: string
    readonly Port?: number
    readonly Weights?: { readonly Passing?: number }
  }
}

/** The index to wait on. One that is none, or that went back, begins anew, as Consul's manual asks. */
export function nextIndex(given: string | null, before: string | null): string | null {
  if (given === null || !/^[0-9]{1,19}$/.test(given)) return null
  const index = BigInt(given)
  if (index < 1n) return null
  return before !== null && index < BigInt(before) ? null : given
}
