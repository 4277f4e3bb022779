/** What this Worker has been given, read from its bindings when a table is compiled. */
import type { Environment } from '../ports.ts'

/** Names that no table may read: the gateway's own credentials and settings (ROUTES.md §1). */
const reserved = /^(?:ADMIN_|ISOGATE_)/

/** The gateway's own bindings: none of them is a service of the operator's. */
const own = new Set(['ASSETS', 'KV', 'TABLE'])

export function readEnvironment(env: Readonly<Record<string, unknown>>): Environment {
  function readText(name: string): string | undefined {
    if (reserved.test(name) || !Object.hasOwn(env, name)) return undefined
    const value = env[name]
    return typeof value === 'string' ? value : undefined
  }
  return {
    variable: readText,
    secret: readText,
    service(name) {
      // A variable that the configuration names and the machine lacks is null.
      if (!Object.hasOwn(env, name) || env[name] === null) return 'absent'
      return !own.has(name) && isFetcher(env[name]) ? 'present' : 'other'
    },
  }
}

function isFetcher(binding: unknown): binding is Fetcher {
  return (
    typeof binding === 'object' &&
    binding !== null &&
    'fetch' in binding &&
    typeof binding.fetch === 'function' &&
    // Namespaces of Durable Objects hand out stubs; they are not called themselves.
    !('idFromName' in binding)
  )
}
