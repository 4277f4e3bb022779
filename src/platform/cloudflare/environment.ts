/** What this Worker has been given, read from its bindings when a table is compiled. */
import { makeEnvironment } from '../environment.ts'
import type { Environment } from '../ports.ts'

export function readEnvironment(env: Readonly<Record<string, unknown>>): Environment {
  return makeEnvironment({
    text(name) {
      const value = Object.hasOwn(env, name) ? env[name] : undefined
      return typeof value === 'string' ? value : undefined
    },
    service(name) {
      // A variable that the configuration names and the machine lacks is null.
      if (!Object.hasOwn(env, name) || env[name] === null) return 'absent'
      return isFetcher(env[name]) ? 'present' : 'other'
    },
    rateLimiter: (name) => Object.hasOwn(env, name) && isRateLimiter(env[name]),
  })
}

/** A service binding has a method of every name, as far as can be seen from here. */
function isRateLimiter(binding: unknown): boolean {
  return (
    typeof binding === 'object' &&
    binding !== null &&
    'limit' in binding &&
    typeof binding.limit === 'function' &&
    !isFetcher(binding)
  )
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
