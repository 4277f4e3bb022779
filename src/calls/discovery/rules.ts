/** What `discover` of a table means, with nothing left out. Plain data: it travels to the upstream's object. */
import type { SecretRef } from '../../schema/atoms.ts'
import { hashText } from '../balance/rendezvous-core.ts'
import type { DiscoverOptions } from './schema.ts'

export type Scheme = 'http' | 'https'

export type SourceRules =
  | {
      readonly kind: 'dns'
      readonly record: 'srv' | 'a'
      readonly name: string
      readonly port: number | null
      readonly scheme: Scheme | null
      readonly resolver: string
    }
  | {
      readonly kind: 'consul'
      readonly url: string
      readonly service: string
      readonly passing: boolean
      readonly tag: string | null
      readonly scheme: Scheme | null
      readonly token: SecretRef | null
    }
  | {
      readonly kind: 'kubernetes'
      readonly url: string
      readonly namespace: string
      readonly service: string
      readonly port: number | string | null
      readonly scheme: Scheme | null
      readonly token: SecretRef | null
    }
  | {
      readonly kind: 'etcd'
      readonly url: string
      readonly prefix: string
      readonly token: SecretRef | null
    }
  | { readonly kind: 'http'; readonly url: string; readonly token: SecretRef | null }

export type SourceOf<Kind extends SourceRules['kind']> = Extract<SourceRules, { kind: Kind }>

export interface DiscoverRules {
  /** Null where targets only register themselves. */
  readonly source: SourceRules | null
  /** Names the source: what one said is nothing to a table that asks another. */
  readonly key: string
  readonly registration: boolean
  readonly refreshMs: number
  /** Whether to wait at the source for changes. */
  readonly watch: boolean
}

// Asked over HTTPS by name: Cloudflare keeps Workers from addresses.
const DEFAULT_RESOLVER = 'https://cloudflare-dns.com/dns-query'
const DEFAULT_REFRESH_MS = 30_000
/** Records may be kept for so long at most, whatever their TTL says. */
const DEFAULT_DNS_REFRESH_MS = 300_000

export function discoverRules(options: DiscoverOptions): DiscoverRules {
  const source = sourceOf(options)
  const silent = source?.kind === 'dns' ? DEFAULT_DNS_REFRESH_MS : DEFAULT_REFRESH_MS
  const { refreshSeconds, registration = false, watch = true } = options
  return {
    source,
    key: hashText(JSON.stringify(source)).toString(16),
    registration,
    refreshMs: refreshSeconds === undefined ? silent : 1000 * refreshSeconds,
    watch: watch && source !== null && source.kind !== 'dns' && source.kind !== 'http',
  }
}

function sourceOf({ dns, consul, kubernetes, etcd, http }: DiscoverOptions): SourceRules | null {
  if (dns !== undefined) {
    const { srv, a, port = null, scheme = null, resolver = DEFAULT_RESOLVER } = dns
    const named = { kind: 'dns', port, scheme, resolver } as const
    return srv === undefined
      ? { ...named, record: 'a', name: a ?? '' }
      : { ...named, record: 'srv', name: srv }
  }
  if (consul !== undefined) {
    const { url, service, passing = true, tag = null, scheme = null, token = null } = consul
    return { kind: 'consul', url: bare(url), service, passing, tag, scheme, token }
  }
  if (kubernetes !== undefined) {
    const { url, namespace, service, port = null, scheme = null, token = null } = kubernetes
    return { kind: 'kubernetes', url: bare(url), namespace, service, port, scheme, token }
  }
  if (etcd !== undefined) {
    const { url, prefix, token = null } = etcd
    return { kind: 'etcd', url: bare(url), prefix, token }
  }
  if (http === undefined) return null
  return typeof http === 'string'
    ? { kind: 'http', url: http, token: null }
    : { kind: 'http', url: http.url, token: http.token ?? null }
}

function bare(url: string): string {
  return url.replace(/\/+$/, '')
}
