/** What the operator set for the admin surface: two secrets and one variable of the Worker. */

export interface AdminConfig {
  /** Null hides everything under /_gateway that is not public. */
  readonly token: string | null
  /** Accepted as well, so that a token can be changed without a gap. */
  readonly nextToken: string | null
  /** Lower-case names that the hidden part answers on; null is any host. */
  readonly hosts: ReadonlySet<string> | null
}

/** Reads the settings from the Worker's bindings; what is not set may be undefined, null or empty. */
export function readAdminConfig(bindings: {
  readonly ADMIN_TOKEN?: unknown
  readonly ADMIN_TOKEN_NEXT?: unknown
  readonly ADMIN_HOSTS?: unknown
}): AdminConfig {
  return {
    token: textOf(bindings.ADMIN_TOKEN),
    nextToken: textOf(bindings.ADMIN_TOKEN_NEXT),
    hosts: parseHosts(textOf(bindings.ADMIN_HOSTS)),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** A variable that is set and names no host hides the surface everywhere: a slip must not open it. */
function parseHosts(list: string | null): ReadonlySet<string> | null {
  if (list === null) return null
  const names = list.split(',').map((name) => name.trim().toLowerCase().replace(/\.$/, ''))
  return new Set(names.filter((name) => name !== ''))
}
