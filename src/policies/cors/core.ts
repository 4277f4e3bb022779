/** Decides what a page of another origin may do (Fetch §3.2, §4.8). Pure. */

/** What a table says of origins, prepared. */
export interface OriginRules {
  readonly exact: ReadonlySet<string>
  readonly wildcards: readonly Wildcard[]
  /** `*` is among the origins. */
  readonly any: boolean
  /** Whether `any` is answered with the origin itself. */
  readonly reflect: boolean
}

/** What stands around the one label that is free. */
export interface Wildcard {
  readonly before: string
  readonly after: string
}

/** Prepares the origins of a table: in lower case and without the default port, as browsers send them. */
export function readOrigins(origins: readonly string[], reflect: boolean): OriginRules {
  const known = origins.filter((origin) => origin !== '*').map(serialized)
  return {
    exact: new Set(known.filter((origin) => !origin.includes('*'))),
    wildcards: known.filter((origin) => origin.includes('*')).map(readWildcard),
    any: origins.includes('*'),
    reflect,
  }
}

function serialized(origin: string): string {
  const lower = origin.toLowerCase()
  if (lower.startsWith('https:')) return lower.replace(/:443$/, '')
  return lower.startsWith('http:') ? lower.replace(/:80$/, '') : lower
}

function readWildcard(origin: string): Wildcard {
  const star = origin.indexOf('*')
  return { before: origin.slice(0, star), after: origin.slice(star + 1) }
}

/** The value of Access-Control-Allow-Origin for this Origin, or null where the page may not read the answer. */
export function decideOrigin(origin: string | undefined, rules: OriginRules): string | null {
  // The origin of sandboxed frames and local files: anyone can have it, so it is nobody in particular.
  if (origin === 'null') return null
  // Without Origin too: a stored answer may be given to a page later.
  if (rules.any && !rules.reflect) return '*'
  if (origin === undefined) return null
  const isKnown =
    rules.any ||
    rules.exact.has(origin) ||
    rules.wildcards.some((wildcard) => fits(origin, wildcard))
  return isKnown ? origin : null
}

/** Exactly one label: not none, not two, and nothing that could end the host. */
function fits(origin: string, { before, after }: Wildcard): boolean {
  if (!origin.startsWith(before) || !origin.endsWith(after)) return false
  const label = origin.slice(before.length, origin.length - after.length)
  return origin.length > before.length + after.length && /^[a-z0-9_-]+$/.test(label)
}

/** A list of a table: `any` for `*`. */
export type Allowed = 'any' | ReadonlySet<string>

/** Whether the method that a preflight asks for may be used; GET also allows HEAD. */
export function isMethodAllowed(method: string, allowed: Allowed): boolean {
  if (allowed === 'any') return true
  return allowed.has(method) || (method === 'HEAD' && allowed.has('GET'))
}

/** Whether all headers that a preflight asks for may be sent; `allowed` is in lower case. */
export function areHeadersAllowed(asked: readonly string[], allowed: Allowed): boolean {
  return allowed === 'any' || asked.every((name) => allowed.has(name))
}

/** The names in Access-Control-Request-Headers, in lower case. */
export function readAskedHeaders(field: string | undefined): readonly string[] {
  if (field === undefined) return []
  const names = field.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '')
}
