/** Whether a response may be stored, and for how long it may answer (RFC 9111 §3 and §4.2, as a shared cache). */

type Directives = ReadonlyMap<string, string | null>

/** True unless the response forbids a shared cache to keep it. */
export function storable(headers: Headers): boolean {
  const directives = parseDirectives(headers.get('Cache-Control'))
  if (directives.has('no-store')) return false
  // Without a list of fields these hold for the whole response (RFC 9111 §5.2.2.4, §5.2.2.7).
  if (directives.get('no-cache') === null || directives.get('private') === null) return false
  if (!headers.has('Set-Cookie')) return true
  const fields = `${directives.get('private') ?? ''},${directives.get('no-cache') ?? ''}`
  return fields
    .toLowerCase()
    .split(',')
    .some((field) => field.trim() === 'set-cookie')
}

/** Milliseconds for which the response stays fresh; 0 where it says nothing. */
export function lifetimeMs(headers: Headers, now: number): number {
  const directives = parseDirectives(headers.get('Cache-Control'))
  const stated = directives.get('s-maxage') ?? directives.get('max-age')
  if (stated != null) return Math.max(0, Math.trunc(Number(stated)) * 1000 || 0)
  const expires = Date.parse(headers.get('Expires') ?? '')
  return Number.isNaN(expires) ? 0 : Math.max(0, expires - now)
}

/** Name → argument without its quotes, or null where it has none (RFC 9111 §5.2). */
function parseDirectives(value: string | null): Directives {
  const directives = new Map<string, string | null>()
  for (const [, name, quoted, token] of (value ?? '').matchAll(
    /([a-z0-9_-]+)(?:=(?:"([^"]*)"|([^\s,;]+)))?/gi,
  )) {
    directives.set(name!.toLowerCase(), quoted ?? token ?? null)
  }
  return directives
}
