/** What the options of a cache come to, for a route and for a call of an aggregate alike. */
import type { CacheParts } from '../../cache/parts.ts'
import type { Wish } from '../../cache/reuse-core.ts'
import { parseCacheControl } from '../../http/cache-control.ts'
import { bindWhen } from '../../match/when.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { bindTemplate } from '../../template/template.ts'
import type { CacheOptions } from './schema.ts'

/** Without what only an entry of `policies` has. */
export type KeepingOptions = Omit<CacheOptions, 'use' | 'name' | 'mode' | 'when'>

// Larger bodies are seldom asked for twice before they are dropped for many smaller ones.
const DEFAULT_MAX_BODY_BYTES = 67_108_864

export function partsOf(options: KeepingOptions): CacheParts {
  const byStatus = Object.entries(options.ttlByStatus ?? {})
  return {
    rules: {
      ttlSeconds: options.ttlSeconds ?? null,
      override: options.override ?? false,
      ttlByStatus: new Map(byStatus.map(([status, seconds]) => [Number(status), seconds])),
      statuses: options.statuses === undefined ? null : new Set(options.statuses),
      heuristicPercent: options.heuristicPercent ?? 10,
      staleWhileRevalidateSeconds: options.staleWhileRevalidateSeconds ?? 0,
      staleIfErrorSeconds: options.staleIfErrorSeconds ?? 0,
      maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
      stripCookies: options.stripCookies ?? false,
    },
    tiers: options.store ?? 'both',
    storeTimeoutMs: options.storeTimeoutMs ?? 1000,
    onStoreFault: options.onStoreFault ?? 'allow',
    beta: options.early ?? 1,
    waitMs: options.collapseTimeoutMs ?? 5000,
    showKey: options.showKey ?? false,
  }
}

export function readWish({ received }: Exchange): Wish {
  const field = received['cache-control']
  return {
    directives: parseCacheControl(field),
    pragmaNoCache:
      field === undefined && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(received.pragma ?? ''),
  }
}

export function bindBypass(bypass: CacheOptions['bypass']): (exchange: Exchange) => boolean {
  if (bypass === undefined) return () => false
  const matches = (Array.isArray(bypass) ? bypass : [bypass]).map(bindWhen)
  return ({ subject }) => matches.some((holds) => holds(subject))
}

export function bindTags(tags: CacheOptions['tags']): (exchange: Exchange) => readonly string[] {
  if (tags === undefined || tags.length === 0) return () => []
  const templates = tags.map((tag) => bindTemplate(tag, 'header'))
  return (exchange) =>
    templates.flatMap((template) => {
      const tag = template.render(exchange)
      // What cannot stand in a field is no tag, and an empty one names nothing.
      return typeof tag === 'string' && tag !== '' ? [tag] : []
    })
}
